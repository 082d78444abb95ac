import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { WaybillError } from '../definitions/waybill-error.ts';

/** The attribute that says in which format an item is stored. */
const FORMAT = 'format';

/** The format that this release writes; items without the attribute have it, too. */
const CURRENT = 1;

/** What a stored item gets beside its content, for `marshallItem`. */
export const STORED_FORMAT = { [FORMAT]: CURRENT } as const;

/** The same as DynamoDB's value. */
export const STORED_FORMAT_VALUE = { [FORMAT]: { N: String(CURRENT) } } satisfies Record<string, AttributeValue>;

/**
 * An item was written by a newer release in a format that this one cannot read. Nothing was changed. An event that needs
 * the item waits for the deployment of code that reads it.
 */
class StoredFormatError extends WaybillError {
  readonly code = 'STORED_FORMAT_UNKNOWN';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 30;

  constructor(what: string, got: unknown) {
    super(
      `${what} is stored in format ${String(got)}, and this code reads formats up to ${CURRENT}: a newer release wrote it; deploy that release again`,
    );
  }
}

/**
 * Refuses an item of a format that this release does not know.
 * @param item as DynamoDB's values, or unmarshalled
 * @param what the item is, as the error's message begins: `the cursor of group 'order#7'`
 * @throws StoredFormatError `STORED_FORMAT_UNKNOWN`
 */
export function assertStoredFormat(item: Readonly<Record<string, unknown>> | undefined, what: string): void {
  const stored = item?.[FORMAT];
  if (stored === undefined) return;
  const format = typeof stored === 'object' && stored !== null ? Number((stored as AttributeValue).N) : stored;
  if (!(typeof format === 'number' && format >= 1 && format <= CURRENT)) throw new StoredFormatError(what, format);
}

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { WaybillError } from '../definitions/waybill-error.ts';

/** The attribute with the format of a stored item. */
const FORMAT = 'format';

/** The format that this release writes, except for compressed events. Items without the attribute also have it. */
const CURRENT = 1;

/** The format of an event of the log whose body is compressed. */
const COMPRESSED = 2;

/** The latest format that this release reads. */
const LATEST = COMPRESSED;

/** The format attribute of a new item, for `marshallItem`. */
export const STORED_FORMAT = { [FORMAT]: CURRENT } as const;

/** The same as a DynamoDB value. */
export const STORED_FORMAT_VALUE = { [FORMAT]: { N: String(CURRENT) } } satisfies Record<string, AttributeValue>;

/** The format attribute of a compressed event as a DynamoDB value. */
export const COMPRESSED_FORMAT_VALUE = { [FORMAT]: { N: String(COMPRESSED) } } satisfies Record<string, AttributeValue>;

/**
 * A newer release wrote an item in a format that this release cannot read. Nothing was changed. An event that needs the
 * item waits for the deployment of newer code.
 */
class StoredFormatError extends WaybillError {
  readonly code = 'STORED_FORMAT_UNKNOWN';
  override readonly disposition = 'defer';
  readonly retryAfterSeconds = 30;

  constructor(what: string, got: unknown) {
    super(
      `${what} is stored in format ${String(got)}, and this code reads formats up to ${LATEST}: a newer release wrote it; deploy that release again`,
    );
  }
}

/**
 * Rejects an item in a format that this release does not know.
 * @param item as DynamoDB values or unmarshalled
 * @param what the subject of the error message, such as `the cursor of group 'order#7'`
 * @throws StoredFormatError `STORED_FORMAT_UNKNOWN`
 */
export function assertStoredFormat(item: Readonly<Record<string, unknown>> | undefined, what: string): void {
  if (!hasKnownFormat(item)) throw new StoredFormatError(what, formatOf(item));
}

/** Whether this release reads the item. */
export function hasKnownFormat(item: Readonly<Record<string, unknown>> | undefined): boolean {
  const format = formatOf(item);
  return format === undefined || (typeof format === 'number' && format >= 1 && format <= LATEST);
}

function formatOf(item: Readonly<Record<string, unknown>> | undefined): unknown {
  const stored = item?.[FORMAT];
  return typeof stored === 'object' && stored !== null ? Number((stored as AttributeValue).N) : stored;
}

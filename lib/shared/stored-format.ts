import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { WaybillError } from '../definitions/waybill-error.ts';

/** The attribute with the format of a stored item. */
const FORMAT = 'format';

/** The format of a cursor of a group that is paused, or that an operator replays. */
const HELD_BACK = 2;

/** The only format of all items but events and cursors of groups that are paused or replayed. Items without the attribute also have it. */
const CURRENT = 1;

/** The format of an event of the log whose body is compressed. */
const COMPRESSED = 2;

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

  constructor(what: string, got: unknown, latest: number) {
    super(
      `${what} is stored in format ${String(got)}, and this code reads formats up to ${latest}: a newer release wrote it; deploy that release again`,
    );
  }
}

/** The format attribute of the cursor of a group that is paused or replayed, for `marshallItem`. */
export const HELD_BACK_CURSOR_FORMAT = { [FORMAT]: HELD_BACK } as const;

type StoredItem = Readonly<Record<string, unknown>> | undefined;

/**
 * Rejects an item in a format that this release does not know.
 * @param item as DynamoDB values or unmarshalled
 * @param what the subject of the error message, such as `the cursor of group 'order#7'`
 * @throws StoredFormatError `STORED_FORMAT_UNKNOWN`
 */
export function assertStoredFormat(item: StoredItem, what: string): void {
  if (!hasFormatUpTo(CURRENT, item)) throw new StoredFormatError(what, formatOf(item), CURRENT);
}

/** The same for a cursor, whose group may be paused or replayed. */
export function assertCursorFormat(item: StoredItem, what: string): void {
  if (!hasFormatUpTo(HELD_BACK, item)) throw new StoredFormatError(what, formatOf(item), HELD_BACK);
}

/** The same for an event of the log, which may be compressed. */
export function assertEventFormat(item: StoredItem): void {
  if (!hasKnownEventFormat(item)) throw new StoredFormatError('an event of the log', formatOf(item), COMPRESSED);
}

/** Whether this release reads the event of the log. */
export const hasKnownEventFormat = (item: StoredItem): boolean => hasFormatUpTo(COMPRESSED, item);

function hasFormatUpTo(latest: number, item: StoredItem): boolean {
  const format = formatOf(item);
  return format === undefined || (typeof format === 'number' && format >= 1 && format <= latest);
}

function formatOf(item: StoredItem): unknown {
  const stored = item?.[FORMAT];
  return typeof stored === 'object' && stored !== null ? Number((stored as AttributeValue).N) : stored;
}

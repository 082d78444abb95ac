import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Item = Readonly<Record<string, AttributeValue>>;

const utf8 = (text: string) => Buffer.byteLength(text);
const sum = <T>(values: Iterable<T>, bytesOf: (value: T) => number) => {
  let total = 0;
  for (const value of values) total += bytesOf(value);
  return total;
};

/** The overhead of each list and map; each element adds one byte. */
const DOCUMENT_OVERHEAD_BYTES = 3;

/**
 * The size of an item as DynamoDB counts it: names and values in UTF-8. Numbers count with their upper bound, because
 * AWS documents their size as approximate.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export const itemBytes = (item: Item): number =>
  sum(Object.entries(item), ([name, value]) => utf8(name) + valueBytes(value));

/** Of a write that is not part of a transaction. */
const WRITE_UNIT_BYTES = 1024;

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html */
export const writeUnits = (bytes: number): number => Math.ceil(bytes / WRITE_UNIT_BYTES);

function valueBytes(value: AttributeValue): number {
  if (value.S !== undefined) return utf8(value.S);
  if (value.N !== undefined) return numberBytes(value.N);
  if (value.B !== undefined) return value.B.byteLength;
  if (value.BOOL !== undefined || value.NULL !== undefined) return 1;
  if (value.SS !== undefined) return sum(value.SS, utf8);
  if (value.NS !== undefined) return sum(value.NS, numberBytes);
  if (value.BS !== undefined) return sum(value.BS, (bytes) => bytes.byteLength);
  if (value.L !== undefined) return DOCUMENT_OVERHEAD_BYTES + sum(value.L, (element) => 1 + valueBytes(element));
  if (value.M !== undefined) {
    return (
      DOCUMENT_OVERHEAD_BYTES + sum(Object.entries(value.M), ([name, member]) => 1 + utf8(name) + valueBytes(member))
    );
  }
  return 0;
}

/** One byte per two significant digits, one for the exponent, one for the sign. */
const numberBytes = (digits: string) => Math.ceil(digits.replace(/[^0-9]/g, '').length / 2) + 2;

import type { AttributeValue, Item } from './item.ts';

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html */
const DOCUMENT_OVERHEAD_BYTES = 3;
const DOCUMENT_MEMBER_OVERHEAD_BYTES = 1;

/** The size that limits and capacity units are based on: UTF-8 attribute names plus values, in bytes. */
export function itemSizeBytes(item: Item): number {
  let bytes = 0;
  for (const name in item) {
    const value = item[name];
    if (value !== undefined) bytes += Buffer.byteLength(name) + valueSizeBytes(value);
  }
  return bytes;
}

function valueSizeBytes(value: AttributeValue): number {
  if (value.S !== undefined) return Buffer.byteLength(value.S);
  if (value.N !== undefined) return numberSizeBytes(value.N);
  if (value.B !== undefined) return Buffer.byteLength(value.B, 'base64');
  if (value.M !== undefined) {
    const members = Object.keys(value.M).length;
    return DOCUMENT_OVERHEAD_BYTES + members * DOCUMENT_MEMBER_OVERHEAD_BYTES + itemSizeBytes(value.M);
  }
  if (value.L !== undefined)
    return value.L.reduce((sum, member) => sum + listMemberBytes(member), DOCUMENT_OVERHEAD_BYTES);
  if (value.SS !== undefined) return value.SS.reduce((sum, member) => sum + Buffer.byteLength(member), 0);
  if (value.NS !== undefined) return value.NS.reduce((sum, member) => sum + numberSizeBytes(member), 0);
  if (value.BS !== undefined) return value.BS.reduce((sum, member) => sum + Buffer.byteLength(member, 'base64'), 0);
  return 1;
}

const listMemberBytes = (member: AttributeValue) => DOCUMENT_MEMBER_OVERHEAD_BYTES + valueSizeBytes(member);

/** About one byte per two significant digits, one for the exponent, one more for a negative sign. */
function numberSizeBytes(number: string): number {
  const negative = number.startsWith('-');
  const digits = number.replace(/[-.]/g, '').replace(/^0+|0+$/g, '');
  return Math.ceil(digits.length / 2) + 1 + (negative ? 1 : 0);
}

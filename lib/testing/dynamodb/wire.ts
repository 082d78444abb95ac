import type { AttributeValue as SdkValue } from '@aws-sdk/client-dynamodb';
import type { AttributeValue, Item } from './item.ts';

type SdkItem = Readonly<Record<string, SdkValue>>;

/** A copy of the SDK's item in the wire format, with binary as base64 text. */
export const toWire = (item: SdkItem): Item =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, valueToWire(value)]));

/** Each type has one shape, because the rules read values by their members. */
function valueToWire(value: SdkValue): AttributeValue {
  if (value.S !== undefined) return { S: value.S };
  if (value.N !== undefined) return { N: value.N };
  if (value.B !== undefined) return { B: toBase64(value.B) };
  if (value.BOOL !== undefined) return { BOOL: value.BOOL };
  if (value.NULL !== undefined) return { NULL: value.NULL };
  if (value.SS !== undefined) return { SS: [...value.SS] };
  if (value.NS !== undefined) return { NS: [...value.NS] };
  if (value.BS !== undefined) return { BS: value.BS.map(toBase64) };
  if (value.L !== undefined) return { L: value.L.map(valueToWire) };
  if (value.M !== undefined) return { M: toWire(value.M) };
  return {};
}

export const fromWire = (item: Item): SdkItem =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, valueFromWire(value)]));

function valueFromWire(value: AttributeValue): SdkValue {
  if (value.B !== undefined) return { B: toBytes(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(toBytes) };
  if (value.L !== undefined) return { L: value.L.map(valueFromWire) };
  if (value.M !== undefined) return { M: { ...fromWire(value.M) } };
  // the other types have the same shape in both formats
  return value as SdkValue;
}

const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
const toBytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));

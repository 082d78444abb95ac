import type { JsonObject } from '../endpoint/service.ts';
import { isObject, toList } from './json.ts';

/** @throws TypeError when the property is missing or no text. */
export function requiredText(properties: JsonObject, name: string): string {
  const value = optionalText(properties, name);
  if (value === undefined) throw new TypeError(`property '${name}' is required`);
  return value;
}

export function optionalText(properties: JsonObject, name: string): string | undefined {
  const value = properties[name];
  if (value === undefined) return undefined;
  if (isObject(value) || Array.isArray(value)) throw mistyped(name, value, 'text');
  return String(value);
}

/** CloudFormation takes numbers as text too. */
export function optionalNumber(properties: JsonObject, name: string): number | undefined {
  const value = properties[name];
  if (value === undefined) return undefined;
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || Number.isNaN(number)) throw mistyped(name, value, 'a number');
  return number;
}

/** CloudFormation takes `"true"` and `"false"` too. */
export function optionalBoolean(properties: JsonObject, name: string): boolean | undefined {
  const value = properties[name];
  if (value === undefined || typeof value === 'boolean') return value;
  if (value === 'true') return true;
  if (value === 'false') return false;
  throw mistyped(name, value, 'true or false');
}

export function textList(properties: JsonObject, name: string): readonly string[] {
  return toList(properties[name]).map((item) => {
    if (typeof item !== 'string') throw mistyped(name, item, 'a list of texts');
    return item;
  });
}

export function objectList(properties: JsonObject, name: string): readonly JsonObject[] {
  return toList(properties[name]).map((item) => {
    if (!isObject(item)) throw mistyped(name, item, 'a list of objects');
    return item;
  });
}

/** The given members only, and of them those that are set: what an API call takes over as it is. */
export const pick = (properties: JsonObject, ...names: readonly string[]): JsonObject =>
  Object.fromEntries(names.flatMap((name) => (properties[name] === undefined ? [] : [[name, properties[name]]])));

const mistyped = (name: string, value: unknown, expected: string) =>
  new TypeError(`property '${name}' is ${JSON.stringify(value)}, expected ${expected}`);

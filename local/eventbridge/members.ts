import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject } from '../endpoint/service.ts';

/** What a name may consist of, and for how long. */
export interface NameRule {
  readonly pattern: RegExp;
  readonly maxLength: number;
}

const PLAIN = /^[.\-_A-Za-z0-9]+$/;

export const RULE_NAME: NameRule = { pattern: PLAIN, maxLength: 64 };
export const TARGET_ID: NameRule = { pattern: PLAIN, maxLength: 64 };
export const REPLAY_NAME: NameRule = { pattern: PLAIN, maxLength: 64 };
export const ARCHIVE_NAME: NameRule = { pattern: PLAIN, maxLength: 48 };
export const BUS_NAME: NameRule = { pattern: /^[/.\-_A-Za-z0-9]+$/, maxLength: 256 };

export const validationError = (message: string, cause?: unknown) =>
  new AwsError('ValidationException', message, { cause });

export function optionalString(input: JsonObject, member: string): string | undefined {
  const value = input[member] ?? undefined;
  if (value !== undefined && typeof value !== 'string') throw wrongType(member, 'a string', value);
  return value;
}

export function requireString(input: JsonObject, member: string): string {
  const value = optionalString(input, member);
  if (value === undefined) throw violation('null', member, 'Member must not be null');
  return value;
}

export function requireName(input: JsonObject, member: string, rule: NameRule): string {
  const name = requireString(input, member);
  if (name.length > rule.maxLength) {
    throw violation(`'${name}'`, member, `Member must have length less than or equal to ${rule.maxLength}`);
  }
  if (!rule.pattern.test(name)) {
    const pattern = rule.pattern.source.replace(/^\^|\$$/g, '');
    throw violation(`'${name}'`, member, `Member must satisfy regular expression pattern: ${pattern}`);
  }
  return name;
}

function optionalNumber(input: JsonObject, member: string): number | undefined {
  const value = input[member] ?? undefined;
  if (value !== undefined && typeof value !== 'number') throw wrongType(member, 'a number', value);
  return value;
}

/** A whole number from `least` to `most`, or undefined. */
export function optionalInteger(input: JsonObject, member: string, least: number, most: number): number | undefined {
  const value = optionalNumber(input, member);
  if (value === undefined) return undefined;
  if (!Number.isInteger(value)) throw wrongType(member, 'a whole number', value);
  if (value < least) throw violation(`'${value}'`, member, `Member must have value greater than or equal to ${least}`);
  if (value > most) throw violation(`'${value}'`, member, `Member must have value less than or equal to ${most}`);
  return value;
}

/** Timestamps travel as seconds since the epoch in JSON 1.1; milliseconds come back. */
export function optionalTimestampMs(input: JsonObject, member: string): number | undefined {
  const seconds = optionalNumber(input, member);
  return seconds === undefined ? undefined : Math.round(seconds * 1000);
}

export function optionalObject(input: JsonObject, member: string): JsonObject | undefined {
  const value = input[member] ?? undefined;
  if (value !== undefined && !isJsonObject(value)) throw wrongType(member, 'an object', value);
  return value;
}

export function optionalStrings(input: JsonObject, member: string): readonly string[] | undefined {
  return optionalList(input, member, 'a list of strings', (item) => typeof item === 'string');
}

export function optionalObjects(input: JsonObject, member: string): readonly JsonObject[] | undefined {
  return optionalList(input, member, 'a list of objects', isJsonObject);
}

/** A list of `least` to `most` objects. */
export function requireObjects(input: JsonObject, member: string, least: number, most: number): readonly JsonObject[] {
  const items = optionalObjects(input, member);
  if (items === undefined) throw violation('null', member, 'Member must not be null');
  const shown = `'${JSON.stringify(items).slice(0, 200)}'`;
  if (items.length < least) {
    throw violation(shown, member, `Member must have length greater than or equal to ${least}`);
  }
  if (items.length > most) throw violation(shown, member, `Member must have length less than or equal to ${most}`);
  return items;
}

function optionalList<T>(
  input: JsonObject,
  member: string,
  expected: string,
  isItem: (item: unknown) => item is T,
): readonly T[] | undefined {
  const value = input[member] ?? undefined;
  if (value === undefined) return undefined;
  if (!Array.isArray(value) || !value.every(isItem)) throw wrongType(member, expected, value);
  return value;
}

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** AWS names members in lower camel case in these messages. */
const violation = (shown: string, member: string, constraint: string) =>
  validationError(
    `1 validation error detected: Value ${shown} at '${member.charAt(0).toLowerCase()}${member.slice(1)}' failed to satisfy constraint: ${constraint}`,
  );

const wrongType = (member: string, expected: string, value: unknown) =>
  new AwsError('SerializationException', `${member} must be ${expected}, got ${JSON.stringify(value).slice(0, 200)}`);

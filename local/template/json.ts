import type { JsonObject } from '../endpoint/service.ts';

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a template writes where it may write one value or a list of them. */
export const toList = (value: unknown): readonly unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/** The member as an object; an absent or different one reads as empty. */
export const objectAt = (value: unknown, member: string): JsonObject => {
  const found = isObject(value) ? value[member] : undefined;
  return isObject(found) ? found : {};
};

export const stringAt = (value: unknown, member: string): string | undefined => {
  const found = isObject(value) ? value[member] : undefined;
  return typeof found === 'string' ? found : undefined;
};

/** The list under a name; empty when there is none. */
export function listAt(value: unknown, name: string): readonly unknown[] {
  const list = isObject(value) ? value[name] : undefined;
  return Array.isArray(list) ? list : [];
}

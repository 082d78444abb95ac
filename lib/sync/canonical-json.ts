import { createHash } from 'node:crypto';
import type { Fields, Json } from './change.ts';

/** What counts as equal when fields are compared. */
export interface Comparison {
  /** Fields whose change alone is no change. */
  readonly ignore: readonly string[];
  /** Fields whose lists have no order. */
  readonly sets: readonly string[];
}

/** The same text for values that are equal in JSON: members in order of their names, absent ones left out. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((member) => canonicalJson(member ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

function fieldText(name: string, value: Json | undefined, { sets }: Comparison): string | undefined {
  if (value === undefined) return undefined;
  if (!sets.includes(name) || !Array.isArray(value)) return canonicalJson(value);
  return `[${[...new Set(value.map(canonicalJson))].toSorted().join(',')}]`;
}

/** A hash that is the same for fields that count as equal. */
export function hashOf(fields: Fields, comparison: Comparison): string {
  const compared = Object.keys(fields)
    .filter((name) => !comparison.ignore.includes(name))
    .toSorted()
    .map((name) => [name, fieldText(name, fields[name], comparison)]);
  return createHash('sha256').update(JSON.stringify(compared)).digest('base64url');
}

/** Names of the fields that differ, in order, without ignored ones. */
export const changedFields = (before: Fields, after: Fields, comparison: Comparison): readonly string[] =>
  differingFields(before, after, comparison).filter((name) => !comparison.ignore.includes(name));

/** Names of all fields that differ, in order. */
export const differingFields = (before: Fields, after: Fields, comparison: Comparison): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((name) => fieldText(name, before[name], comparison) !== fieldText(name, after[name], comparison))
    .toSorted();

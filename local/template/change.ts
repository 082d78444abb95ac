import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../endpoint/service.ts';
import type { ResourceType } from './resource-type.ts';

/** What other values of its properties do to a resource. */
export type Change =
  | { readonly kind: 'none' }
  | { readonly kind: 'update'; readonly properties: readonly string[] }
  /** The properties are those that cannot be changed in place. */
  | { readonly kind: 'replace'; readonly properties: readonly string[] };

/** @param before and `after`: all functions applied. */
export function changeOf({ properties, updates }: ResourceType, before: JsonObject, after: JsonObject): Change {
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
  if (changed.length === 0) return { kind: 'none' };
  const fixed = [
    ...changed.filter((name) => updates.replacedBy.includes(name)),
    ...(updates.replacedWhen?.(before, after) ?? []),
  ];
  if (fixed.length > 0) return { kind: 'replace', properties: fixed };
  const heeded = changed.filter((name) => properties[name] !== 'without-effect');
  return heeded.length === 0 ? { kind: 'none' } : { kind: 'update', properties: heeded };
}

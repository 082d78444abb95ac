import { shown, type TableAttribute, type TableSchema } from '../contracts/index.ts';
import { ProjectionResultError } from './errors.ts';
import type { ViewKey } from './projection.ts';

/** @throws ProjectionResultError `PROJECTION_RESULT_INVALID` unless `key` is the key of an item of the view */
export function assertViewKey(projection: string, view: TableSchema, key: ViewKey): void {
  const problem = viewKeyProblem(projection, view, key);
  if (problem !== undefined) throw new ProjectionResultError(problem);
}

/** What keeps `key` from being the key of an item of the view, with what it must be. */
export function viewKeyProblem(
  projection: string,
  { partitionKey, sortKey }: TableSchema,
  key: unknown,
): string | undefined {
  const attributes = sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];
  const names = attributes.map(({ name }) => name);
  const members = new Map<string, unknown>(Object.entries(Object(key)));
  const isWhole =
    typeof key === 'object' &&
    attributes.every((attribute) => isKeyValue(attribute, members.get(attribute.name))) &&
    [...members.keys()].every((name) => names.includes(name));
  if (isWhole) return undefined;
  const wanted = attributes.map(({ name, type }) => `'${name}' (${type === 'S' ? 'text, not empty' : 'a number'})`);
  return `a key of '${projection}' has ${wanted.join(' and ')} and nothing else, got ${shownKey(key, members)}`;
}

const MOST_SHOWN = 5;

function shownKey(key: unknown, members: ReadonlyMap<string, unknown>): string {
  if (typeof key !== 'object' || key === null || Array.isArray(key)) return shown(key);
  const all = [...members].slice(0, MOST_SHOWN).map(([name, value]) => `${name}: ${shown(value)}`);
  return all.length === 0 ? '{}' : `{ ${all.join(', ')}${members.size > MOST_SHOWN ? ', …' : ''} }`;
}

const isKeyValue = ({ type }: TableAttribute, value: unknown): boolean =>
  type === 'S' ? typeof value === 'string' && value !== '' : Number.isFinite(value);

import type { TableAttribute, TableSchema } from '../contracts/index.ts';
import { ProjectionResultError } from './errors.ts';
import type { ViewKey } from './projection.ts';

/** @throws ProjectionResultError `PROJECTION_RESULT_INVALID` unless `key` is the key of an item of the view */
export function assertViewKey(projection: string, { partitionKey, sortKey }: TableSchema, key: ViewKey): void {
  const attributes = sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];
  const names = attributes.map(({ name }) => name);
  const isWhole =
    attributes.every((attribute) => isKeyValue(attribute, key[attribute.name])) &&
    Object.keys(key).every((name) => names.includes(name));
  if (isWhole) return;
  const wanted = attributes.map(({ name, type }) => `'${name}' (${type === 'S' ? 'text, not empty' : 'a number'})`);
  throw new ProjectionResultError(
    `a key of '${projection}' has ${wanted.join(' and ')} and nothing else, got ${JSON.stringify(key)}`,
  );
}

const isKeyValue = ({ type }: TableAttribute, value: unknown): boolean =>
  type === 'S' ? typeof value === 'string' && value !== '' : Number.isFinite(value);

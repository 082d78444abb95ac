import { type CloudEvent, ownMember, shown, type TableAttribute, UNUSABLE_NAME } from '../contracts/index.ts';
import { assertViewKey } from './assert-view-key.ts';
import { ProjectionResultError } from './errors.ts';
import { DRAFT_MAX_WRITES } from './limits.ts';
import type { Addition, CountersProjection, ItemsProjection, ViewKey } from './projection.ts';
import { SHARD_SEPARATOR } from './shards.ts';
import { createViewKeys, STORED } from './stored-item.ts';

// the projection's own code runs here, for its consumer, its rebuild and its tests alike: what one refuses, all refuse

/** No attribute of an item may have it. */
const NAMELESS = '';

/** The keys of the items that an event changes. @throws ProjectionResultError `PROJECTION_RESULT_INVALID` */
export function keysOf<Item>(projection: ItemsProjection<Item>, event: CloudEvent): readonly ViewKey[] {
  const { name, view, keys } = projection;
  const all = keys(event);
  assertList(name, 'keys', all);
  for (const key of all) assertViewKey(name, view, key);
  assertFewEnough(projection, event, all);
  return all;
}

/** An item as an event's step leaves it. */
export interface LeftItem<Item> {
  /** As it is stored, but for its key; undefined where there is to be none. */
  readonly left: Item | undefined;
  /** As queries and the next step get it. */
  readonly item: Item | undefined;
}

/** @throws ProjectionResultError `PROJECTION_RESULT_INVALID`, and what the step and `parse` throw */
export function leftBy<Item>(
  projection: ItemsProjection<Item>,
  before: Item | undefined,
  event: CloudEvent,
  key: ViewKey,
): LeftItem<Item> {
  const left = ownMember(projection.evolve, event.type)?.(before, event, key);
  if (left === undefined) return { left, item: undefined };
  const whole = { ...left, ...key };
  assertStorable(projection, left, whole);
  // what queries and the next step could not read is not stored
  return { left, item: projection.parse(whole) };
}

function assertStorable<Item>(
  { name, view }: ItemsProjection<Item>,
  left: unknown,
  whole: Readonly<Record<string, unknown>>,
): void {
  if (typeof left !== 'object' || left === null || Array.isArray(left)) {
    throw new ProjectionResultError(
      `an item of '${name}' must be an object, or undefined for none, got ${shown(left)}`,
    );
  }
  const reserved = Object.values(STORED).find((attribute) => Object.hasOwn(whole, attribute));
  if (reserved !== undefined) {
    throw new ProjectionResultError(
      `an item of '${name}' has '${reserved}', which every item of a view has beside its own: choose another name`,
    );
  }
  if (Object.hasOwn(whole, NAMELESS)) {
    throw new ProjectionResultError(
      `an item of '${name}' has an attribute without a name, which DynamoDB cannot hold: name it`,
    );
  }
  for (const { name: index, partitionKey, sortKey } of view.indexes ?? []) {
    for (const attribute of sortKey === undefined ? [partitionKey] : [partitionKey, sortKey]) {
      const value = ownMember(whole, attribute.name);
      if (value === undefined || isIndexed(attribute, value)) continue;
      const wanted = attribute.type === 'S' ? 'a text that is not empty' : 'a number';
      throw new ProjectionResultError(
        `'${attribute.name}' of an item of '${name}' must be ${wanted}, since its index '${index}' has it in its key, got ${shown(value)}: leave it out where the item is to be in no such index`,
      );
    }
  }
}

const isIndexed = ({ type }: TableAttribute, value: unknown): boolean =>
  type === 'S' ? typeof value === 'string' && value !== '' : typeof value === 'number' || typeof value === 'bigint';

/** What an event adds to which items. @throws ProjectionResultError `PROJECTION_RESULT_INVALID` */
export function additionsOf<Item>(projection: CountersProjection<Item>, event: CloudEvent): readonly Addition[] {
  const { name, view, additions } = projection;
  const added = ownMember(additions, event.type)?.(event) ?? [];
  assertList(name, 'what a step adds', added);
  const noCounters = new Set<string | undefined>([
    ...Object.values(STORED),
    view.partitionKey.name,
    view.sortKey?.name,
    UNUSABLE_NAME,
    NAMELESS,
  ]);
  for (const { key } of added) {
    assertViewKey(name, view, key);
    if (view.sortKey !== undefined && String(key[view.sortKey.name]).includes(SHARD_SEPARATOR)) {
      throw new ProjectionResultError(
        `'${name}' adds to an item whose '${view.sortKey.name}' holds the character U+0001, which stands before the number of a shard: leave it out`,
      );
    }
  }
  for (const [attribute, amount] of added.flatMap(({ amounts }) => Object.entries(Object(amounts)))) {
    if (!Number.isSafeInteger(amount)) {
      throw new ProjectionResultError(`'${name}' adds ${shown(amount)} to '${attribute}': amounts are whole numbers`);
    }
    if (noCounters.has(attribute)) {
      throw new ProjectionResultError(`'${name}' adds to '${attribute}', which is no counter: choose another name`);
    }
  }
  const changing = added.filter(({ amounts }) => Object.values(amounts).some((amount) => amount !== 0));
  assertFewEnough(
    projection,
    event,
    changing.map(({ key }) => key),
  );
  return added;
}

function assertList(projection: string, what: string, value: unknown): void {
  if (Array.isArray(value)) return;
  throw new ProjectionResultError(`${what} of '${projection}' must be a list, got ${shown(value)}`);
}

function assertFewEnough(
  { name, view }: Pick<ItemsProjection<unknown>, 'name' | 'view'>,
  { type }: CloudEvent,
  keys: readonly ViewKey[],
): void {
  const { identify } = createViewKeys(view);
  const { size } = new Set(keys.map(identify));
  if (size <= DRAFT_MAX_WRITES) return;
  throw new ProjectionResultError(
    `'${type}' changes ${size} items of '${name}', and ${DRAFT_MAX_WRITES} at most are committed together: change fewer, or publish an event for each part of them`,
  );
}

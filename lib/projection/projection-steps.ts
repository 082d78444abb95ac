import { type CloudEvent, ownMember, shown, type TableAttribute, UNUSABLE_NAME } from '../definitions/index.ts';
import { ProjectionResultError, ProjectionStepError } from './errors.ts';
import type { Addition, CountersProjection, ItemsProjection, OpaqueProjection, ViewKey } from './projection.ts';
import { SHARD_SEPARATOR } from './sharded-counters.ts';
import { assertViewKey, createViewKeys, STORED } from './view-items.ts';

/**
 * Maximum number of items that one transaction changes. A transaction takes 100 actions; the rest are for the group's
 * position and the event's own conditions.
 */
export const DRAFT_MAX_WRITES = 90;

/** Runs the projection's own code. @throws ProjectionStepError `PROJECTION_STEP_FAILED` if that code throws */
export function runStep<Result>({ name }: OpaqueProjection, event: CloudEvent, step: () => Result): Result {
  try {
    return step();
  } catch (cause) {
    const place = { group: event.partitionkey, sequence: Number(event.sequence), type: event.type };
    throw new ProjectionStepError(name, place, cause);
  }
}

// the consumer, the rebuild and `viewOf` all run the projection's code here, so that they refuse the same results

/** DynamoDB refuses an attribute with an empty name. */
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

/** An item after an event's step. */
export interface EvolvedItem<Item> {
  /** The item to store, without its key; undefined if the step deletes it. */
  readonly left: Item | undefined;
  /** The item as queries and the next step get it. */
  readonly item: Item | undefined;
}

/** @throws ProjectionResultError `PROJECTION_RESULT_INVALID`, and any error that the step or `parse` throws */
export function evolveItem<Item>(
  projection: ItemsProjection<Item>,
  before: Item | undefined,
  event: CloudEvent,
  key: ViewKey,
): EvolvedItem<Item> {
  const left = ownMember(projection.evolve, event.type)?.(before, event, key);
  if (left === undefined) return { left, item: undefined };
  const whole = { ...left, ...key };
  assertStorable(projection, left, whole);
  // parsed before it is stored, so that queries and the next step can read it
  return { left, item: projection.parse(whole) };
}

function assertStorable<Item>(
  { name, view }: ItemsProjection<Item>,
  left: unknown,
  whole: Readonly<Record<string, unknown>>,
): void {
  if (typeof left !== 'object' || left === null || Array.isArray(left)) {
    throw new ProjectionResultError(
      `an item of '${name}' must be an object, or undefined to delete it, got ${shown(left)}`,
    );
  }
  const reserved = Object.values(STORED).find((attribute) => Object.hasOwn(whole, attribute));
  if (reserved !== undefined) {
    throw new ProjectionResultError(
      `an item of '${name}' has the attribute '${reserved}', which is reserved: use another name`,
    );
  }
  if (Object.hasOwn(whole, NAMELESS)) {
    throw new ProjectionResultError(
      `an item of '${name}' has an attribute with an empty name, which DynamoDB refuses: give it a name`,
    );
  }
  for (const { name: index, partitionKey, sortKey } of view.indexes ?? []) {
    for (const attribute of sortKey === undefined ? [partitionKey] : [partitionKey, sortKey]) {
      const value = ownMember(whole, attribute.name);
      if (value === undefined || isIndexed(attribute, value)) continue;
      const wanted = attribute.type === 'S' ? 'a non-empty string' : 'a number';
      throw new ProjectionResultError(
        `'${attribute.name}' of an item of '${name}' must be ${wanted}, because it is a key of index '${index}', got ${shown(value)}: leave it out to keep the item out of the index`,
      );
    }
  }
}

const isIndexed = ({ type }: TableAttribute, value: unknown): boolean =>
  type === 'S' ? typeof value === 'string' && value !== '' : typeof value === 'number' || typeof value === 'bigint';

/** The amounts that an event adds, by item. @throws ProjectionResultError `PROJECTION_RESULT_INVALID` */
export function additionsOf<Item>(projection: CountersProjection<Item>, event: CloudEvent): readonly Addition[] {
  const { name, view, additions } = projection;
  const added = ownMember(additions, event.type)?.(event) ?? [];
  assertList(name, 'the result of a step', added);
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
        `'${name}' adds to an item whose '${view.sortKey.name}' contains U+0001, which is reserved as the separator of shards: remove that character`,
      );
    }
  }
  for (const [attribute, amount] of added.flatMap(({ amounts }) => Object.entries(Object(amounts)))) {
    if (!Number.isSafeInteger(amount)) {
      throw new ProjectionResultError(
        `'${name}' adds ${shown(amount)} to '${attribute}': amounts must be whole numbers`,
      );
    }
    if (noCounters.has(attribute)) {
      throw new ProjectionResultError(`'${name}' adds to '${attribute}', which is a key or reserved: use another name`);
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
    `'${type}' changes ${size} items of '${name}', the maximum is ${DRAFT_MAX_WRITES}: change fewer items, or publish several events`,
  );
}

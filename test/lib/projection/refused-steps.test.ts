import { describe, expect, it } from 'vitest';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import {
  type Addition,
  defineCounters,
  defineProjection,
  type ViewKey,
  viewOf,
} from '../../../lib/projection/index.ts';
import { Opened } from './accounts.ts';
import { createRig } from './rig.ts';

type Row = Readonly<Record<string, unknown>>;

const parse = (item: unknown): Row => ({ ...(item as Row) });

const ID = { name: 'id', type: 'S' } as const;

const VIEW = {
  partitionKey: ID,
  indexes: [
    { name: 'byOwner', partitionKey: { name: 'owner', type: 'S' } },
    { name: 'byState', partitionKey: { name: 'state', type: 'S' }, sortKey: { name: 'city', type: 'S' } },
    { name: 'byRank', partitionKey: { name: 'state', type: 'S' }, sortKey: { name: 'rank', type: 'N' } },
  ],
} as const satisfies TableSchema;

const items = ({ left = {}, keys = [{ id: 'a' }] }: { readonly left?: unknown; readonly keys?: unknown }) =>
  defineProjection({
    name: 'rows',
    events: [Opened],
    view: VIEW,
    parse,
    keys: () => keys as readonly ViewKey[],
    on: { 'com.example.account.opened': () => left as Row },
  });

const SORTED = { partitionKey: ID, sortKey: { name: 'day', type: 'S' } } as const;

const counters = (additions: unknown, view: TableSchema = { partitionKey: ID }) =>
  defineCounters({
    name: 'sums',
    events: [Opened],
    view,
    parse,
    on: { 'com.example.account.opened': () => additions as readonly Addition[] },
  });

const adding = (amounts: Row, view?: TableSchema) =>
  counters([{ key: view === undefined ? { id: 'a' } : { id: 'a', day: '1' }, amounts }], view);

async function opened(projection: ReturnType<typeof items> | ReturnType<typeof counters>) {
  const rig = createRig<Row>(projection);
  return { rig, event: await rig.publish(Opened, { accountId: 'a', owner: 'ann' }) };
}

const NAMELESS = "an item of 'rows' has an attribute with an empty name, which DynamoDB refuses: give it a name";
const inKey = (attribute: string, index: string, wanted: string, got: string) =>
  `'${attribute}' of an item of 'rows' must be ${wanted}, because it is a key of index '${index}', got ${got}: leave it out to keep the item out of the index`;

describe('a step of a projection', () => {
  it.each([
    ['no list of keys', items({ keys: null }), "keys of 'rows' must be a list, got null"],
    ['one key in place of a list', items({ keys: { id: 'a' } }), "keys of 'rows' must be a list, got an object"],
    [
      'null as an item',
      items({ left: null }),
      "an item of 'rows' must be an object, or undefined to delete it, got null",
    ],
    [
      'a list as an item',
      items({ left: [] }),
      "an item of 'rows' must be an object, or undefined to delete it, got a list",
    ],
    ['an attribute without a name', items({ left: { '': 1 } }), NAMELESS],
    [
      'an empty text that an index begins with',
      items({ left: { owner: '' } }),
      inKey('owner', 'byOwner', 'a non-empty string', "''"),
    ],
    [
      'an empty text that an index is sorted by',
      items({ left: { state: 'open', city: '' } }),
      inKey('city', 'byState', 'a non-empty string', "''"),
    ],
    [
      'a number that an index has as a text',
      items({ left: { state: 'open', city: 7 } }),
      inKey('city', 'byState', 'a non-empty string', '7'),
    ],
    [
      'a text that an index has as a number',
      items({ left: { state: 'open', rank: '7' } }),
      inKey('rank', 'byRank', 'a number', "'7'"),
    ],
    [
      'no list of what it adds',
      counters({ key: { id: 'a' }, amounts: { count: 1 } }),
      "the result of a step of 'sums' must be a list, got an object",
    ],
    [
      'an addition to no key of the view',
      counters([{ key: { name: 'a' }, amounts: { count: 1 } }]),
      "a key of 'sums' must have 'id' (non-empty string) and no other members, got { name: 'a' }",
    ],
    ['half an addition', adding({ count: 0.5 }), "'sums' adds 0.5 to 'count': amounts must be whole numbers"],
    [
      'an addition that is not exact',
      adding({ count: 2 ** 53 }),
      "'sums' adds 9007199254740992 to 'count': amounts must be whole numbers",
    ],
    ['an addition of a text', adding({ count: '1' }), "'sums' adds '1' to 'count': amounts must be whole numbers"],
    [
      'an addition to a part of the key',
      adding({ id: 1 }),
      "'sums' adds to 'id', which is a key or reserved: use another name",
    ],
    [
      'an addition to the sort key',
      adding({ day: 1 }, SORTED),
      "'sums' adds to 'day', which is a key or reserved: use another name",
    ],
    [
      'an addition to what every item has',
      adding({ viewAsOf: 1 }),
      "'sums' adds to 'viewAsOf', which is a key or reserved: use another name",
    ],
    ['an addition to no name', adding({ '': 1 }), "'sums' adds to '', which is a key or reserved: use another name"],
    [
      'an addition to no name in a sorted view',
      adding({ '': 1 }, SORTED),
      "'sums' adds to '', which is a key or reserved: use another name",
    ],
  ])('that returns %s is refused in the same way by a consumer and by a unit test', async (_, projection, reason) => {
    const { rig, event } = await opened(projection);
    const refusal = {
      code: 'PROJECTION_STEP_FAILED',
      message: `projection '${projection.name}' failed at event 1 of group 'account#a' ('com.example.account.opened'): ${reason}`,
    };

    await expect(rig.handle(event)).rejects.toMatchObject(refusal);
    expect(() => viewOf<Row>(projection, [event])).toThrow(expect.objectContaining(refusal));
    expect(rig.tables.items('view')).toStrictEqual([]);
  });

  it.each([
    ['a number that an index has as one', { state: 'open', rank: 7 }, 7],
    ['a BigInt that an index has as a number', { state: 'open', rank: 7n }, 7],
    ['no number where an index would have one', { state: 'open' }, undefined],
  ])('may return %s', async (_, left, rank) => {
    const { rig, event } = await opened(items({ left }));

    expect(await rig.handle(event)).toBe('handled');

    expect((await rig.reader.get({ id: 'a' }))?.item['rank']).toBe(rank);
    expect(viewOf(items({ left }), [event])).toStrictEqual([
      { id: 'a', ...left, ...(rank === undefined ? {} : { rank }) },
    ]);
  });
});

describe('an event that adds to many items', () => {
  const many = (count: number, amounts: Row) =>
    Array.from({ length: count }, (_, place) => ({ key: { id: `item ${place}` }, amounts }));
  const TOO_MANY =
    "projection 'sums' failed at event 1 of group 'account#a' ('com.example.account.opened'): 'com.example.account.opened' changes 91 items of 'sums', the maximum is 90: change fewer items, or publish several events";

  it.each([
    ['90 items', many(90, { count: 1 })],
    ['90 items, and nothing to others', [...many(90, { count: 1 }), { key: { id: 'other' }, amounts: { count: 0 } }]],
    ['one item in many additions', Array.from({ length: 91 }, () => ({ key: { id: 'one' }, amounts: { count: 1 } }))],
  ])('may change %s', async (_, additions) => {
    const { rig, event } = await opened(counters(additions));

    expect(await rig.handle(event)).toBe('handled');

    expect(rig.tables.items('view')).toHaveLength(new Set(additions.map(({ key }) => key.id)).has('one') ? 1 : 90);
  });

  it.each([
    ['one amount', many(91, { count: 1 })],
    ['an amount of several', many(91, { count: 0, total: -1 })],
  ])('may not change more items, by %s each', async (_, additions) => {
    const { rig, event } = await opened(counters(additions));

    await expect(rig.handle(event)).rejects.toThrow(TOO_MANY);
    expect(() => viewOf(counters(additions), [event])).toThrow(TOO_MANY);
  });
});

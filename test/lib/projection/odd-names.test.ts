import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineEvent, type TableSchema } from '../../../lib/definitions/index.ts';
import { defineCounters, defineProjection, type ViewKey, viewOf } from '../../../lib/projection/index.ts';
import { ACCOUNTS_VIEW, accounts, Moved, Opened } from './accounts.ts';
import { createRig } from './rig.ts';

const named = <const Type extends string>(type: Type) =>
  defineEvent({
    type,
    source: '/odd',
    version: 1,
    schema: z.object({ id: z.string() }),
    group: ({ id }) => id,
  });

const VIEW = {
  partitionKey: { name: 'constructor', type: 'S' },
  sortKey: { name: 'toString', type: 'S' },
  indexes: [{ name: 'valueOf', partitionKey: { name: 'hasOwnProperty', type: 'S' } }],
} as const satisfies TableSchema;

type Row = Readonly<Record<string, unknown>>;

const keyOf = (id: string): ViewKey =>
  Object.fromEntries([
    ['constructor', id],
    ['toString', 'a'],
  ]);

describe('names of inherited object members', () => {
  const Constructor = named('constructor');
  const odd = defineProjection({
    name: 'odd',
    events: [Constructor],
    view: VIEW,
    parse: (item): Row => item as Row,
    keys: ({ data }): readonly ViewKey[] => [keyOf(data.id)],
    on: { constructor: (item) => ({ valueOf: Number(item?.['valueOf'] ?? 0) + 1 }) },
  });

  it('are valid names of event types, keys, indexes and members of a view', async () => {
    const rig = createRig(odd);
    const events = [await rig.publish(Constructor, { id: '1' }), await rig.publish(Constructor, { id: '1' })];
    for (const event of events) await rig.handle(event);
    const expected = { constructor: '1', toString: 'a', valueOf: 2 };

    expect({ ...(await rig.reader.get(keyOf('1')))?.item }).toStrictEqual(expected);
    const { items } = await rig.reader.query({ partition: '1', sortFrom: 'a', sortTo: 'b' });
    expect(items.map(({ item }) => ({ ...item }))).toStrictEqual([expected]);
    expect((await rig.reader.query({ indexName: 'valueOf', partition: '1' })).items).toStrictEqual([]);
    expect(viewOf(odd, events).map((item) => ({ ...item }))).toStrictEqual([expected]);
  });

  it('are valid names of counters, with separate sums', async () => {
    const counted = defineCounters({
      name: 'odd',
      events: [Constructor],
      view: { partitionKey: { name: 'id', type: 'S' }, sortKey: { name: 'day', type: 'S' } },
      parse: (item) => ({ ...(item as Row) }),
      shards: 4,
      on: {
        constructor: ({ data }) => [
          {
            key: { id: 'all', day: '1' },
            amounts: Object.fromEntries([[data.id === 'a' ? 'constructor' : 'valueOf', 1]]),
          },
        ],
      },
    });
    const rig = createRig(counted);
    const events = [];
    for (const id of ['a', 'b', 'c', 'd', 'e']) events.push(await rig.publish(Constructor, { id }));
    for (const event of events) await rig.handle(event);
    const expected = [{ id: 'all', day: '1', constructor: 1, valueOf: 4 }];

    expect((await rig.reader.sums({ partition: 'all' })).map(({ item }) => item)).toStrictEqual(expected);
    expect(viewOf(counted, events)).toStrictEqual(expected);
  });

  it('are reported if they are missing among the steps of a projection', () => {
    const define = () =>
      defineProjection({
        name: 'odd',
        events: [Constructor],
        view: VIEW,
        parse: (item) => item as Row,
        keys: () => [],
        on: {} as never,
      });

    expect(define).toThrow(
      "projection 'odd' is not valid: on must have a function for each event type, missing: 'constructor'",
    );
  });

  it('are refused if no object can have such a member', () => {
    const defineView = () =>
      defineProjection({
        name: 'odd',
        events: [Opened],
        view: { partitionKey: { name: '__proto__', type: 'S' } },
        parse: (item) => item as Row,
        keys: () => [],
        on: { 'com.example.account.opened': () => undefined },
      });

    expect(() => named('__proto__')).toThrow(
      "type must not be '__proto__': an object of handlers cannot have that key",
    );
    expect(defineView).toThrow("projection 'odd' is not valid: view: no key may be named '__proto__'");
  });
});

const OthersMoved = defineEvent({ ...Moved, source: '/other-accounts' });

describe('an event of the same type from another source', () => {
  it('is added to no view, neither by a live event nor by a rebuild nor in a test', async () => {
    const rig = createRig(accounts);
    const opened = await rig.publish(Opened, { accountId: 'a', owner: 'ann' });
    const foreign = await rig.publish(OthersMoved, { accountId: 'a', amount: 100 });
    const own = await rig.publish(Moved, { accountId: 'a', amount: 4 });
    await rig.handle(opened);
    await rig.handle(own);
    const live = (await rig.reader.get({ accountId: 'a' }))?.item.state;

    await rig.rebuild.start({ acceptHorizon: false });
    await rig.advanceToEnd();

    expect(live).toBe(7);
    expect((await rig.reader.get({ accountId: 'a' }))?.item.state).toBe(7);
    expect(viewOf(accounts, [opened, foreign, own])[0]?.state).toBe(7);
  });
});

describe('an event type that a projection no longer handles', () => {
  it('is skipped by a rebuild and by later events', async () => {
    const before = createRig(accounts);
    const opened = await before.publish(Opened, { accountId: 'a', owner: 'ann' });
    await before.publish(Moved, { accountId: 'a', amount: 4 });
    const last = await before.publish(Opened, { accountId: 'a', owner: 'bob' });
    await before.handle(opened);
    const owners = defineProjection({
      name: 'accounts',
      version: 2,
      events: [Opened],
      view: ACCOUNTS_VIEW,
      parse: accounts.parse,
      keys: ({ data }) => [{ accountId: data.accountId }],
      on: { 'com.example.account.opened': (_, { data }) => ({ ...data, state: 0 }) },
    });
    const after = createRig(owners, { memory: before.memory });

    expect(await after.handle(last)).toBe('handled');
    expect((await after.state.position(1, 'account#a')).position).toBe(3);
    await after.rebuild.start({ acceptHorizon: false });
    await after.advanceToEnd();

    expect((await after.state.position(2, 'account#a')).position).toBe(3);
    expect((await after.reader.get({ accountId: 'a' }))?.item).toStrictEqual({
      accountId: 'a',
      owner: 'bob',
      state: 0,
    });
  });
});

describe('a view in a unit test', () => {
  const opening = (left: unknown, key: unknown = { accountId: 'a' }) =>
    defineProjection({
      name: 'accounts',
      events: [Opened],
      view: ACCOUNTS_VIEW,
      parse: (item) => item as Row,
      keys: () => [key as ViewKey],
      on: { 'com.example.account.opened': () => left as Row },
    });

  it.each([
    ['a Date', { at: new Date(0) }, undefined, /'at' is a Date, which DynamoDB cannot store/],
    ['NaN', { rate: Number.NaN }, undefined, /'rate' is NaN, which DynamoDB cannot store/],
    ['an instance', { of: new (class Money {})() }, undefined, /'of' is an instance of 'Money'/],
    [
      'an index that begins with a number',
      { owner: 7 },
      undefined,
      /'owner' of an item of 'accounts' must be a non-empty string/,
    ],
    ['a reserved name', { viewAsOf: 'now' }, undefined, /has the attribute 'viewAsOf', which is reserved/],
    ['no object', 'open', undefined, /an item of 'accounts' must be an object, or undefined to delete it, got 'open'/],
    ['a key of another type', { owner: 'ann' }, { accountId: 7 }, /a key of 'accounts' must have 'accountId'/],
  ])('refuses %s exactly as the consumer does', async (_, left, key, reason) => {
    const projection = opening(left, key);
    const rig = createRig(projection);
    const event = await rig.publish(Opened, { accountId: 'a', owner: 'ann' });
    const refusal = { code: 'PROJECTION_STEP_FAILED', message: expect.stringMatching(reason) };

    await expect(rig.handle(event)).rejects.toMatchObject(refusal);
    expect(() => viewOf(projection, [event])).toThrow(expect.objectContaining(refusal));
  });

  it('returns an item as it is read from the table', async () => {
    const projection = opening({ owner: undefined, lines: [{ note: undefined }] });
    const rig = createRig(projection);
    const event = await rig.publish(Opened, { accountId: 'a', owner: 'ann' });
    await rig.handle(event);

    const viewed = await rig.reader.get({ accountId: 'a' });

    expect(viewOf(projection, [event])).toStrictEqual([{ accountId: 'a', lines: [{}] }]);
    expect({ ...viewed?.item }).toStrictEqual({ accountId: 'a', lines: [{}] });
  });

  it('refuses an addition to an attribute that is not a counter', async () => {
    const counted = defineCounters({
      name: 'counted',
      events: [Opened],
      view: { partitionKey: { name: 'id', type: 'S' } },
      parse: (item) => item as Row,
      on: { 'com.example.account.opened': () => [{ key: { id: 'all' }, amounts: { ['__proto__']: 1 } }] },
    });
    const rig = createRig(counted);
    const event = await rig.publish(Opened, { accountId: 'a', owner: 'ann' });

    expect(() => viewOf(counted, [event])).toThrow(
      "projection 'counted' failed at event 1 of group 'account#a' ('com.example.account.opened'): 'counted' adds to '__proto__', which is a key or reserved: use another name",
    );
  });
});

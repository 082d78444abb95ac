import { describe, expect, it } from 'vitest';
import { defineProjection } from '../../../lib/projection/index.ts';
import { ACCOUNTS_VIEW, type Account, ALL, accounts, Closed, Moved, Opened } from './accounts.ts';
import { createRig } from './rig.ts';

const ITEM_MAX_BYTES = 409_600;

/** Whose code goes wrong at movements of 13. */
const goingWrong = (atThirteen: {
  readonly item?: unknown;
  readonly key?: object;
  readonly parse?: typeof accounts.parse;
}) =>
  defineProjection({
    name: 'accounts',
    events: [Opened, Moved],
    view: ACCOUNTS_VIEW,
    parse: atThirteen.parse ?? ((item) => item as Account),
    keys: ({ data }) => [
      { accountId: data.accountId, ...('amount' in data && data.amount === 13 ? atThirteen.key : {}) },
    ],
    on: {
      'com.example.account.opened': (_, { data }) => ({ ...data, state: 0 }),
      'com.example.account.moved': (item, { data }) => {
        if (data.amount === 13 && atThirteen.item !== undefined) return atThirteen.item as Account;
        return item && { ...item, state: item.state + data.amount };
      },
    },
  });

const WRONGS = [
  [
    'an item larger than a table takes',
    { item: { owner: 'x'.repeat(ITEM_MAX_BYTES), state: 0 } },
    'bytes, allowed are',
  ],
  ['an item with a number that is none', { item: { owner: 'ann', state: Number.NaN } }, 'NaN'],
  [
    'an item whose index begins with a number',
    { item: { owner: 7, state: 0 } },
    "'owner' of an item of 'accounts' must be a non-empty string, because it is a key of index 'byOwner', got 7",
  ],
  [
    'an item that queries could not read',
    { item: { owner: 'ann', state: 'odd' }, parse: accounts.parse },
    'expected number',
  ],
  [
    'an empty key',
    { key: { accountId: '' } },
    "a key of 'accounts' must have 'accountId' (non-empty string) and no other members, got { accountId: '' }",
  ],
  [
    'a key of more than the key',
    { key: { owner: 'ann' } },
    "must have 'accountId' (non-empty string) and no other members, got",
  ],
] as const;

describe.each(WRONGS)('a step that returns %s', (_, wrong, reason) => {
  async function createAccounts() {
    const rig = createRig(goingWrong(wrong));
    for (const accountId of ['a', 'b', 'c']) await rig.publish(Opened, { accountId, owner: 'ann' });
    await rig.publish(Moved, { accountId: 'b', amount: 1 });
    await rig.publish(Moved, { accountId: 'b', amount: 13 });
    return rig;
  }

  it('excludes only its own group from the new view', async () => {
    const rig = await createAccounts();

    await rig.rebuild.start({ acceptHorizon: false });
    const blocked = await rig.advanceToEnd();

    expect(blocked.job).toMatchObject({ phase: 'blocked', groups: 3 });
    expect(blocked.failed).toMatchObject([{ group: 'account#b', code: 'PROJECTION_STEP_FAILED' }]);
    expect(blocked.failed[0]?.message).toContain(
      "failed at event 3 of group 'account#b' ('com.example.account.moved'): ",
    );
    expect(blocked.failed[0]?.message).toContain(reason);
    await rig.advanceToEnd(true);
    expect((await rig.reader.get({ accountId: 'b' }))?.item.state).toBe(1);
    expect((await rig.reader.get({ accountId: 'c' }))?.item.state).toBe(0);
  });

  it('leaves the serving view unchanged', async () => {
    const rig = await createAccounts();
    const events = (await rig.logged()).filter(({ partitionkey }) => partitionkey === 'account#b');

    for (const event of events.slice(0, 2)) await rig.handle(event);
    await expect(rig.handle(events[2] as (typeof events)[number])).rejects.toMatchObject({
      code: expect.stringMatching(/^(PROJECTION_STEP_FAILED|OUTBOX_LIMIT_EXCEEDED)$/),
      message: expect.stringContaining(reason),
    });

    expect((await rig.reader.get({ accountId: 'b' }))?.item.state).toBe(1);
  });
});

describe('a group without a tenant, if tenants are required', () => {
  it('excludes no other group from the new view', async () => {
    const rig = createRig(accounts, { tenancy: 'required' });
    await rig.publish(Opened, { accountId: 'a', owner: 'ann' });
    await rig.publish(Opened, { accountId: 'b', owner: 'bob' }, 'acme');

    await rig.rebuild.start({ acceptHorizon: false });
    const blocked = await rig.advanceToEnd();

    expect(blocked.failed).toMatchObject([{ group: 'account#a', code: 'TENANT_MISSING' }]);
    await rig.advanceToEnd(true);
    await rig.tenancy.runAsTenant('acme', async () => {
      expect((await rig.reader.get({ accountId: 'b' }))?.item.owner).toBe('bob');
    });
  });
});

describe('an item that several groups change', () => {
  /** One item of all groups. */
  const projection = defineProjection({
    name: 'accounts',
    events: [Moved, Closed],
    view: ACCOUNTS_VIEW,
    parse: accounts.parse,
    keys: () => [{ accountId: ALL }],
    on: {
      'com.example.account.moved': (item, { data }) => ({
        accountId: ALL,
        owner: 'ann',
        state: (item?.state ?? 0) + data.amount,
      }),
      'com.example.account.closed': () => undefined,
    },
  });

  it('is not overwritten if it was deleted and created again after the read', async () => {
    const rig = createRig(projection);
    const move = (accountId: string, amount: number) => rig.publish(Moved, { accountId, amount });
    await rig.handle(await move('a', 1));
    const late = createRig(projection, {
      memory: rig.memory,
      around: async (call, name) => {
        if (name === 'commit') {
          await rig.handle(await rig.publish(Closed, { accountId: 'b' }));
          await rig.handle(await move('c', 10));
        }
        return call();
      },
    });

    await expect(late.handle(await move('a', 2))).rejects.toMatchObject({ code: 'OUTBOX_CONDITION_FAILED' });

    expect((await rig.reader.get({ accountId: ALL }))?.item.state).toBe(10);
  });

  it('is not deleted if another group changed it after the read', async () => {
    const rig = createRig(projection);
    await rig.handle(await rig.publish(Moved, { accountId: 'a', amount: 1 }));
    const late = createRig(projection, {
      memory: rig.memory,
      around: async (call, name) => {
        if (name === 'commit') await rig.handle(await rig.publish(Moved, { accountId: 'c', amount: 10 }));
        return call();
      },
    });

    const closing = late.handle(await rig.publish(Closed, { accountId: 'b' }));
    await expect(closing).rejects.toMatchObject({ code: 'OUTBOX_CONDITION_FAILED' });

    expect((await rig.reader.get({ accountId: ALL }))?.item.state).toBe(11);
  });
});

describe('the item that a step receives', () => {
  it('is the same whether earlier events are in the same transaction or already in the table', async () => {
    const seen: unknown[] = [];
    const projection = defineProjection({
      name: 'accounts',
      events: [Opened, Moved],
      view: ACCOUNTS_VIEW,
      parse: accounts.parse,
      keys: ({ data }) => [{ accountId: data.accountId }],
      on: {
        'com.example.account.opened': (_, { data }) => ({ ...data, state: 0, more: 'than the schema knows' }),
        'com.example.account.moved': (item) => {
          seen.push(item);
          return item;
        },
      },
    });
    const rig = createRig(projection);
    const opened = await rig.publish(Opened, { accountId: 'a', owner: 'ann' });
    const moved = await rig.publish(Moved, { accountId: 'a', amount: 1 });

    for (const event of [opened, moved]) await rig.handle(event);
    await rig.rebuild.start({ acceptHorizon: false });
    await rig.advanceToEnd();

    expect(seen).toStrictEqual([
      { accountId: 'a', owner: 'ann', state: 0 },
      { accountId: 'a', owner: 'ann', state: 0 },
    ]);
  });
});

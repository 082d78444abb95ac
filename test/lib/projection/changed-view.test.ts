import { describe, expect, it } from 'vitest';
import type { TableSchema, TenancyMode } from '../../../lib/definitions/index.ts';
import { defineProjection, type ViewKey } from '../../../lib/projection/index.ts';
import { accounts, Moved, Opened } from './accounts.ts';
import { createRig, type RigOptions } from './rig.ts';

const BY_OWNER = { name: 'byOwner', partitionKey: { name: 'owner', type: 'S' } } as const;
const BY_STATE = {
  name: 'byState',
  partitionKey: { name: 'state', type: 'S' },
  sortKey: { name: 'owner', type: 'S' },
} as const;

const BY_ACCOUNT = { partitionKey: { name: 'accountId', type: 'S' }, indexes: [BY_OWNER] } as const;
const OF_OWNER = { partitionKey: { name: 'owner', type: 'S' }, sortKey: { name: 'accountId', type: 'S' } } as const;

interface Owned {
  readonly accountId: string;
  readonly owner: string;
  readonly state: string;
}

const owned = (view: TableSchema, version = 1) =>
  defineProjection({
    name: 'owned',
    version,
    events: [Opened],
    view,
    parse: (item) => item as Owned,
    keys: ({ data: { owner, accountId } }): readonly ViewKey[] =>
      view.partitionKey.name === 'owner' ? [{ owner, accountId }] : [{ accountId }],
    on: { 'com.example.account.opened': (_, { data }) => ({ ...data, state: 'open' }) },
  });

const open = (accountId: string) => [Opened, { accountId, owner: 'ann' }] as const;

/** Code whose view is keyed otherwise has another table: CloudFormation replaces it. */
const REPLACED = { viewTableName: 'replaced' };

async function createKeyChange() {
  const before = createRig(owned(BY_ACCOUNT), { laterViews: { replaced: OF_OWNER } });
  await before.handle(await before.publish(...open('a')));
  const after = createRig(owned(OF_OWNER), { ...REPLACED, memory: before.memory });
  return { before, after };
}

const REQUIRED = { code: 'PROJECTION_REBUILD_REQUIRED', disposition: 'defer' };

describe('a view with a changed key', () => {
  it('rejects every query until it is rebuilt, with a clear error', async () => {
    const { after } = await createKeyChange();
    const message =
      "the view of 'owned' is not complete: table 'replaced' with the key 'owner' (S) and 'accountId' (S) replaced table 'view' with the key 'accountId' (S) since generation 1 was built; rebuild it: npx waybill rebuild owned";

    await expect(after.reader.get({ owner: 'ann', accountId: 'a' })).rejects.toMatchObject({ ...REQUIRED, message });
    await expect(after.reader.query({ partition: 'ann' })).rejects.toMatchObject({ ...REQUIRED, message });
    expect((await after.rebuild.status()).serving).toStrictEqual({
      generation: 1,
      version: 1,
      incomplete:
        "table 'replaced' with the key 'owner' (S) and 'accountId' (S) replaced table 'view' with the key 'accountId' (S)",
    });
  });

  it('contains everything after the rebuild, including events that arrived meanwhile', async () => {
    const { after } = await createKeyChange();
    const waiting = await after.publish(...open('b'));
    await expect(after.handle(waiting)).rejects.toMatchObject(REQUIRED);

    await after.rebuild.start({ acceptHorizon: false });
    expect(await after.handle(waiting)).toBe('handled');
    expect(await after.handle(await after.publish(...open('c')))).toBe('handled');
    await expect(after.reader.query({ partition: 'ann' })).rejects.toMatchObject(REQUIRED);
    await after.advanceToEnd();

    const { items } = await after.reader.query({ partition: 'ann' });
    expect(items.map(({ item }) => item.accountId)).toStrictEqual(['a', 'b', 'c']);
    expect((await after.rebuild.status()).serving).toStrictEqual({ generation: 2, version: 1 });
  });

  it('is complete after a deployment that was rolled back', async () => {
    const { before, after } = await createKeyChange();
    const waiting = await after.publish(...open('b'));
    await expect(after.handle(waiting)).rejects.toMatchObject(REQUIRED);

    expect(await before.handle(waiting)).toBe('handled');

    expect((await before.reader.get({ accountId: 'b' }))?.item.owner).toBe('ann');
  });

  it('stops serving the old table after it missed events', async () => {
    const { before, after } = await createKeyChange();
    await after.rebuild.start({ acceptHorizon: false });
    await after.handle(await after.publish(...open('b')));
    await after.rebuild.abort();

    const waiting = await before.publish(...open('c'));
    await expect(before.handle(waiting)).rejects.toMatchObject(REQUIRED);
    await expect(before.reader.get({ accountId: 'a' })).rejects.toMatchObject({
      message: expect.stringContaining(
        "the view of 'owned' is not complete: its table was replaced and it received no events since generation 1 was built; rebuild it: npx waybill rebuild owned",
      ),
    });

    await before.rebuild.start({ acceptHorizon: false });
    await before.advanceToEnd();
    const found = await Promise.all(['a', 'b', 'c'].map((accountId) => before.reader.get({ accountId })));
    expect(found.map((viewed) => viewed?.item.accountId)).toStrictEqual(['a', 'b', 'c']);
    expect(await before.handle(waiting)).toBe('handled');
  });

  it('does not continue a rebuild that was started with the old key', async () => {
    const { before, after } = await createKeyChange();
    await before.rebuild.start({ acceptHorizon: false });

    await expect(after.advanceToEnd()).rejects.toMatchObject({
      code: 'REBUILD_OUTDATED',
      message: "the rebuild of 'owned' was started with another schema or table of the view: abort it and start again",
    });
    await expect(after.handle(await after.publish(...open('b')))).rejects.toMatchObject(REQUIRED);
    expect((await after.rebuild.status()).job).toMatchObject({ generation: 2, phase: 'cleaning', outcome: 'aborted' });
    expect((await after.rebuild.start({ acceptHorizon: false })).job).toMatchObject({ generation: 3 });
    await after.advanceToEnd();

    expect((await after.reader.query({ partition: 'ann' })).items).toHaveLength(2);
  });

  it('starts a new rebuild if the one of the old key was not continued', async () => {
    const { before, after } = await createKeyChange();
    await before.rebuild.start({ acceptHorizon: false });

    expect((await after.rebuild.start({ acceptHorizon: false })).job).toMatchObject({ generation: 3 });
    await after.advanceToEnd();

    expect((await after.reader.query({ partition: 'ann' })).items).toHaveLength(1);
  });

  it('is detected even if its last rebuild is not cleaned up yet', async () => {
    const before = createRig(owned(BY_ACCOUNT), {
      laterViews: { replaced: OF_OWNER },
      around: async (call, name) => (name === 'sweep' ? Promise.reject(new Error('cut off')) : call()),
    });
    await before.publish(...open('a'));
    await before.rebuild.start({ acceptHorizon: false });
    await expect(before.advanceToEnd()).rejects.toThrow('cut off');
    const after = createRig(owned(OF_OWNER), { ...REPLACED, memory: before.memory });

    expect((await after.rebuild.start({ acceptHorizon: false })).job).toMatchObject({ generation: 3 });
    await after.advanceToEnd();

    expect((await after.reader.query({ partition: 'ann' })).items).toHaveLength(1);
  });
});

describe('a view with a new table of the same key', () => {
  it('rejects every query until it is rebuilt', async () => {
    const before = createRig(accounts, { laterViews: { replaced: accounts.view } });
    await before.handle(await before.publish(...open('a')));
    const after = createRig(accounts, { ...REPLACED, memory: before.memory });

    await expect(after.reader.get({ accountId: 'a' })).rejects.toMatchObject({
      ...REQUIRED,
      message: expect.stringContaining("table 'replaced' with the key 'accountId' (S) replaced table 'view'"),
    });
  });
});

describe.each<TenancyMode>(['none', 'required'])('a view with changed indexes, in mode %s', (tenancy) => {
  const createIndexChange = async (from: readonly TableSchema['indexes'][], to: TableSchema['indexes']) => {
    const schema = (indexes: TableSchema['indexes']): TableSchema => ({
      partitionKey: BY_ACCOUNT.partitionKey,
      ...(indexes === undefined ? {} : { indexes }),
    });
    const options: RigOptions = { tenancy };
    const before = createRig(owned(schema(from[0])), options);
    const tenantId = tenancy === 'none' ? undefined : 'acme';
    const handle = async (rig: typeof before, accountId: string) =>
      rig.handle(await rig.publish(...open(accountId), tenantId));
    await handle(before, 'a');
    const after = createRig(owned(schema(to)), { ...options, memory: before.memory });
    await handle(after, 'b');
    const asTenant = <Value>(work: () => Promise<Value>) => before.tenancy.runAsTenant(tenantId, work);
    const asTenantAfter = <Value>(work: () => Promise<Value>) => after.tenancy.runAsTenant(tenantId, work);
    return { before, after, asTenant, asTenantAfter };
  };

  it('rejects queries of the new index until it is rebuilt, and answers all others', async () => {
    const { after, asTenantAfter } = await createIndexChange([[BY_OWNER]], [BY_OWNER, BY_STATE]);

    await expect(
      asTenantAfter(() => after.reader.query({ indexName: 'byState', partition: 'open' })),
    ).rejects.toMatchObject({
      ...REQUIRED,
      message:
        "the view of 'owned' is not complete: index 'byState' of its table was added or changed since generation 1 was built; rebuild it: npx waybill rebuild owned",
    });
    const owners = await asTenantAfter(() => after.reader.query({ indexName: 'byOwner', partition: 'ann' }));
    expect(owners.items.map(({ item }) => item)).toStrictEqual([
      { accountId: 'a', owner: 'ann', state: 'open' },
      { accountId: 'b', owner: 'ann', state: 'open' },
    ]);
    expect((await asTenantAfter(() => after.reader.get({ accountId: 'b' })))?.item.state).toBe('open');

    await after.rebuild.start({ acceptHorizon: false });
    await after.advanceToEnd();

    const states = await asTenantAfter(() =>
      after.reader.query({ indexName: 'byState', partition: 'open', sortFrom: 'ann', sortTo: 'ann' }),
    );
    expect(states.items.map(({ item }) => item.accountId)).toStrictEqual(['a', 'b']);
  });

  it('returns items unchanged after one of its indexes was removed', async () => {
    const { after, asTenantAfter } = await createIndexChange([[BY_OWNER]], undefined);

    const found = await asTenantAfter(() =>
      Promise.all([after.reader.get({ accountId: 'a' }), after.reader.get({ accountId: 'b' })]),
    );

    expect(found.map((viewed) => viewed?.item)).toStrictEqual([
      { accountId: 'a', owner: 'ann', state: 'open' },
      { accountId: 'b', owner: 'ann', state: 'open' },
    ]);
  });

  it('rejects queries of an index with a changed sort key', async () => {
    const { after, asTenantAfter } = await createIndexChange(
      [[BY_OWNER]],
      [{ ...BY_OWNER, sortKey: { name: 'state', type: 'S' } }],
    );

    await expect(
      asTenantAfter(() => after.reader.query({ indexName: 'byOwner', partition: 'ann' })),
    ).rejects.toMatchObject(REQUIRED);
  });
});

describe('a view that older code maintained', () => {
  it('gets the current schema with the first event', async () => {
    const rig = createRig(accounts);
    await rig.handle(await rig.publish(...open('a')));
    const [control] = rig.tables.items('state').filter(({ id }) => id?.S === 'control');
    const { serving, ...rest } = control ?? {};
    const { madeIn: _unknown, ...olderServing } = serving?.M ?? {};
    rig.tables.apply([{ Put: { TableName: 'state', Item: { ...rest, serving: { M: olderServing } } } }]);

    expect((await rig.reader.get({ accountId: 'a' }))?.item.owner).toBe('ann');
    await rig.handle(await rig.publish(Moved, { accountId: 'a', amount: 2 }));

    expect((await rig.state.control()).serving).toStrictEqual({
      generation: 1,
      version: 1,
      madeIn: {
        tableName: 'view',
        partitionKey: { name: 'accountId', type: 'S' },
        indexes: [
          {
            name: 'byOwner',
            partitionKey: { name: 'owner', type: 'S' },
            sortKey: { name: 'accountId', type: 'S' },
          },
        ],
      },
    });
  });
});

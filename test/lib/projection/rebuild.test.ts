import { describe, expect, it } from 'vitest';
import { defineProjection } from '../../../lib/projection/index.ts';
import { ACCOUNTS_VIEW, ALL, accounts, Moved, Opened } from './accounts.ts';
import { createRig } from './rig.ts';
import { createSuperstitious } from './superstitious.ts';

const open = (accountId: string) => [Opened, { accountId, owner: 'ann' }] as const;

describe('a rebuild', () => {
  it('restores lost items, drops wrong items, and deletes the old generation', async () => {
    const rig = createRig(accounts);
    await rig.handle(await rig.publish(...open('a')));
    await rig.handle(await rig.publish(Moved, { accountId: 'a', amount: 4 }));
    await rig.publish(...open('lost'));

    await rig.rebuild.start({ acceptHorizon: false });
    const { serving, job } = await rig.advanceToEnd();

    expect(serving).toStrictEqual({ generation: 2, version: 1 });
    expect(job).toMatchObject({
      phase: 'done',
      outcome: 'switched',
      groups: 2,
      events: 3,
      truncatedGroups: 0,
      deletedItems: 2,
    });
    expect((await rig.reader.get({ accountId: 'lost' }))?.item).toStrictEqual({
      accountId: 'lost',
      owner: 'ann',
      state: 1,
    });
    expect(
      rig.tables
        .items('view')
        .map(({ accountId }) => accountId?.S)
        .toSorted(),
    ).toStrictEqual(['2#a', '2#all', '2#lost']);
  });

  it('does not count an event again if it had applied it before the event was handled', async () => {
    const rig = createRig(accounts);
    const opened = await rig.publish(...open('a'));

    await rig.rebuild.start({ acceptHorizon: false });
    await rig.advanceToEnd();
    await rig.handle(opened);

    expect((await rig.reader.get({ accountId: ALL }))?.item.state).toBe(1);
  });

  it('separates the views of tenants with the same keys', async () => {
    const rig = createRig(accounts, { tenancy: 'required' });
    await rig.publish(Opened, { accountId: 'a', owner: 'ann' }, 'acme');
    await rig.publish(Opened, { accountId: 'a', owner: 'bob' }, 'globex');

    await rig.rebuild.start({ acceptHorizon: false });
    await rig.advanceToEnd();

    const ownerFor = (tenantId: string) =>
      rig.tenancy.runAsTenant(tenantId, async () => (await rig.reader.get({ accountId: 'a' }))?.item.owner);
    expect([await ownerFor('acme'), await ownerFor('globex')]).toStrictEqual(['ann', 'bob']);
    expect(await rig.reader.query({ indexName: 'byOwner', partition: 'ann' }).catch(({ code }) => code)).toBe(
      'TENANT_MISSING',
    );
  });

  it('is blocked by a failing group, and completes after its code is fixed', async () => {
    const { projection, mend } = createSuperstitious();
    const rig = createRig(projection);
    for (const accountId of ['a', 'b']) await rig.publish(...open(accountId));
    await rig.publish(Moved, { accountId: 'a', amount: 13 });
    await rig.publish(Moved, { accountId: 'a', amount: 1 });

    await rig.rebuild.start({ acceptHorizon: false });
    const blocked = await rig.advanceToEnd();
    mend();
    const done = await rig.advanceToEnd();

    expect(blocked).toMatchObject({ serving: { generation: 1 }, job: { phase: 'blocked' } });
    expect(blocked.failed).toMatchObject([{ group: 'account#a', code: 'PROJECTION_STEP_FAILED' }]);
    expect(blocked.failed[0]?.message).toBe(
      "projection 'accounts' failed at event 2 of group 'account#a' ('com.example.account.moved'): 13 is no amount",
    );
    expect(done).toMatchObject({ serving: { generation: 2 }, job: { phase: 'done' }, failed: [] });
    expect((await rig.reader.get({ accountId: 'a' }))?.item.state).toBe(14);
  });

  it('switches without the last events of failed groups if that is accepted', async () => {
    const { projection } = createSuperstitious();
    const rig = createRig(projection);
    await rig.publish(...open('a'));
    await rig.publish(Moved, { accountId: 'a', amount: 13 });

    await rig.rebuild.start({ acceptHorizon: false });
    const { job } = await rig.advanceToEnd(true);

    expect(job).toMatchObject({ phase: 'done', outcome: 'switched' });
    expect((await rig.reader.get({ accountId: 'a' }))?.item.state).toBe(0);
  });

  it('does not affect the serving view if a group fails in the new one, and remembers the failure', async () => {
    const { projection, mend, spoil } = createSuperstitious();
    const rig = createRig(projection);
    mend();
    await rig.handle(await rig.publish(...open('a')));
    await rig.handle(await rig.publish(Moved, { accountId: 'a', amount: 13 }));
    spoil();
    await rig.rebuild.start({ acceptHorizon: false });

    expect(await rig.handle(await rig.publish(Moved, { accountId: 'a', amount: 1 }))).toBe('handled');
    expect((await rig.reader.get({ accountId: 'a' }))?.item.state).toBe(14);
    expect((await rig.advanceToEnd()).job?.phase).toBe('blocked');

    mend();
    await rig.advanceToEnd();
    expect((await rig.reader.get({ accountId: 'a' }))?.item.state).toBe(14);
    expect((await rig.state.control()).serving.generation).toBe(2);
  });

  it('does not switch before the noted groups are processed again', async () => {
    const { projection, mend } = createSuperstitious();
    let stop: AbortController | undefined;
    const rig = createRig(projection, {
      around: async (call, name) => {
        if (name === 'query') stop?.abort();
        return call();
      },
    });
    await rig.publish(...open('a'));
    await rig.publish(Moved, { accountId: 'a', amount: 13 });
    await rig.rebuild.start({ acceptHorizon: false });
    await rig.advanceToEnd();
    mend();

    stop = new AbortController();
    const cut = await rig.rebuild.advance({ acceptFailed: false }, stop.signal);
    stop = undefined;

    expect(cut.serving.generation).toBe(1);
    expect((await rig.advanceToEnd()).serving.generation).toBe(2);
    expect((await rig.reader.get({ accountId: 'a' }))?.item.state).toBe(13);
  });

  it('does not switch if a group is noted after the list of noted groups was processed', async () => {
    const { projection, mend, spoil } = createSuperstitious();
    let isLate = true;
    const rig = createRig(projection, {
      around: async (call, name) => {
        const isSwitch = name === 'save' && (await rig.state.job())?.phase === 'closing';
        if (isSwitch && isLate && (await rig.state.failed(2)).length === 0) {
          isLate = false;
          // as a live event of the group does that cannot be folded in
          const control = await rig.state.control();
          const note = { group: 'account#b', upTo: 2, code: 'PROJECTION_STEP_FAILED', message: '13 is no amount' };
          await rig.outbox.transact((tx) => rig.state.noteFailed(tx, control, note));
          await rig.publish(Moved, { accountId: 'b', amount: 13 });
          spoil();
        }
        return call();
      },
    });
    mend();
    for (const accountId of ['a', 'b']) await rig.handle(await rig.publish(...open(accountId)));
    await rig.handle(await rig.publish(Moved, { accountId: 'a', amount: 13 }));
    spoil();
    await rig.rebuild.start({ acceptHorizon: false });
    await rig.handle(await rig.publish(Moved, { accountId: 'a', amount: 1 }));
    mend();

    const { serving, job, failed } = await rig.advanceToEnd();

    expect([serving.generation, job?.phase]).toStrictEqual([1, 'blocked']);
    expect(failed.map(({ group }) => group)).toStrictEqual(['account#b']);
  });

  it('is started by one of two concurrent runs, and refused to the other', async () => {
    let isFirst = true;
    const other = createRig(accounts);
    const rig = createRig(accounts, {
      memory: other.memory,
      around: async (call, name) => {
        if (name === 'save' && isFirst) {
          isFirst = false;
          await other.rebuild.start({ acceptHorizon: false });
        }
        return call();
      },
    });

    await expect(rig.rebuild.start({ acceptHorizon: false })).rejects.toMatchObject({ code: 'REBUILD_BUSY' });

    expect((await other.rebuild.status()).job).toMatchObject({ generation: 2, phase: 'building' });
  });

  it('can be aborted: none of its items are left, and the next one uses another generation', async () => {
    const rig = createRig(accounts);
    const opened = await rig.publish(...open('a'));
    await rig.handle(opened);
    await rig.rebuild.start({ acceptHorizon: false });
    await rig.handle(await rig.publish(Moved, { accountId: 'a', amount: 2 }));

    await rig.rebuild.abort();
    const aborted = await rig.advanceToEnd();
    await rig.rebuild.start({ acceptHorizon: false });
    const second = await rig.advanceToEnd();

    expect(aborted).toMatchObject({ serving: { generation: 1 }, job: { outcome: 'aborted', deletedItems: 2 } });
    expect(second).toMatchObject({ serving: { generation: 3 }, job: { outcome: 'switched' } });
    await expect(rig.rebuild.abort()).rejects.toMatchObject({ code: 'REBUILD_NONE' });
  });

  it('does not delete the items of the next rebuild, even if its cleanup is late', async () => {
    const rig = createRig(accounts);
    await rig.publish(...open('a'));
    await rig.rebuild.start({ acceptHorizon: false });
    await rig.rebuild.abort();
    const reached = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const late = createRig(accounts, {
      memory: rig.memory,
      around: async (call, name) => {
        if (name === 'sweep') {
          reached.resolve();
          await held.promise;
        }
        return call();
      },
    });
    const lateEnd = late.advanceToEnd().catch(({ code }) => code);
    await reached.promise;
    await rig.advanceToEnd();
    await rig.rebuild.start({ acceptHorizon: false });
    await rig.advanceToEnd();

    held.resolve();
    expect(await lateEnd).toBe('REBUILD_BUSY');

    expect((await rig.state.control()).serving.generation).toBe(3);
    expect((await rig.reader.get({ accountId: 'a' }))?.item.state).toBe(1);
  });

  it('can start before the items of an aborted one are deleted, and deletes them', async () => {
    const rig = createRig(accounts);
    await rig.publish(...open('a'));
    await rig.rebuild.start({ acceptHorizon: false });
    await rig.handle(await rig.publish(Moved, { accountId: 'a', amount: 2 }));
    await rig.rebuild.abort();

    expect((await rig.rebuild.abort()).job).toMatchObject({ generation: 2, phase: 'cleaning', outcome: 'aborted' });
    expect((await rig.rebuild.start({ acceptHorizon: false })).job).toMatchObject({ generation: 3, phase: 'building' });
    await rig.advanceToEnd();

    expect(new Set(rig.tables.items('view').map(({ viewGeneration }) => viewGeneration?.N))).toStrictEqual(
      new Set(['3']),
    );
  });

  it('is refused, with the date, if the log has expired events, unless that is accepted', async () => {
    const rig = createRig(accounts, { logCreatedAt: 0 });

    await expect(rig.rebuild.start({ acceptHorizon: false })).rejects.toMatchObject({
      code: 'REBUILD_BEYOND_HORIZON',
      message: expect.stringContaining('no events from before 2026-11-19T06:00:00.000Z'),
    });
    expect((await rig.rebuild.start({ acceptHorizon: true })).job?.phase).toBe('building');
  });

  it('continues when it is started again', async () => {
    const rig = createRig(accounts);

    await rig.rebuild.start({ acceptHorizon: false });
    const again = await rig.rebuild.start({ acceptHorizon: false });

    expect(again.job?.generation).toBe(2);
    await expect(
      createRig(accounts).rebuild.advance({ acceptFailed: false }, AbortSignal.abort()),
    ).rejects.toMatchObject({
      code: 'REBUILD_NONE',
    });
  });
});

describe('code of another version', () => {
  const versioned = (version: number) =>
    defineProjection({
      name: 'accounts',
      version,
      events: [Opened],
      view: ACCOUNTS_VIEW,
      parse: accounts.parse,
      keys: ({ data }) => [{ accountId: data.accountId }],
      on: { 'com.example.account.opened': (_, { data }) => ({ ...data, state: version }) },
    });

  it('leaves events to newer code after that builds or serves the view', async () => {
    const rig = createRig(versioned(1));
    await createRig(versioned(2), { memory: rig.memory }).rebuild.start({ acceptHorizon: false });

    await expect(rig.handle(await rig.publish(...open('a')))).rejects.toMatchObject({
      code: 'PROJECTION_OUTDATED',
      disposition: 'defer',
    });
  });

  it('does not replace a newer view with its own', async () => {
    const older = createRig(versioned(1));
    const newer = createRig(versioned(2), { memory: older.memory });
    await newer.rebuild.start({ acceptHorizon: false });
    await newer.advanceToEnd();

    await expect(older.rebuild.start({ acceptHorizon: false })).rejects.toMatchObject({
      code: 'REBUILD_OUTDATED',
      message:
        "the rebuild of 'accounts' cannot start: version 2 of the code built the serving view, and this is version 1: raise the version and deploy it",
    });
  });

  it('starts with the new version even if the items of the previous one are not deleted yet', async () => {
    const older = createRig(versioned(1), {
      around: async (call, name) => (name === 'sweep' ? Promise.reject(new Error('cut off')) : call()),
    });
    const newer = createRig(versioned(2), { memory: older.memory });
    await older.publish(...open('a'));
    await older.rebuild.start({ acceptHorizon: false });
    await expect(older.advanceToEnd()).rejects.toThrow('cut off');

    expect((await newer.rebuild.start({ acceptHorizon: false })).job).toMatchObject({ generation: 3, version: 2 });
    await newer.advanceToEnd();

    expect((await newer.reader.get({ accountId: 'a' }))?.item.state).toBe(2);
  });

  it('refuses to continue a rebuild of another version', async () => {
    const older = createRig(versioned(1));
    const newer = createRig(versioned(2), { memory: older.memory });
    await older.rebuild.start({ acceptHorizon: false });

    await expect(newer.advanceToEnd()).rejects.toMatchObject({ code: 'REBUILD_OUTDATED' });
    await newer.rebuild.start({ acceptHorizon: false });
    await expect(older.advanceToEnd()).rejects.toMatchObject({ code: 'REBUILD_OUTDATED' });
    await expect(older.rebuild.start({ acceptHorizon: false })).rejects.toMatchObject({ code: 'REBUILD_OUTDATED' });
  });

  it('aborts the rebuild of older code with the first event, and starts again', async () => {
    const older = createRig(versioned(1));
    const newer = createRig(versioned(2), { memory: older.memory });
    await older.publish(...open('a'));
    await older.rebuild.start({ acceptHorizon: false });

    for (const accountId of ['b', 'c']) await newer.handle(await older.publish(...open(accountId)));

    expect(await older.rebuild.status()).toMatchObject({
      serving: { generation: 1 },
      job: { generation: 2, phase: 'cleaning', outcome: 'aborted', revision: 2 },
    });
    expect((await newer.rebuild.start({ acceptHorizon: false })).job).toMatchObject({
      generation: 3,
      phase: 'building',
    });
    expect(await newer.advanceToEnd()).toMatchObject({ serving: { generation: 3, version: 2 }, failed: [] });
    expect((await newer.reader.get({ accountId: 'a' }))?.item.state).toBe(2);
  });
});

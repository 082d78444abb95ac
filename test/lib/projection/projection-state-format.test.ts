import { describe, expect, it } from 'vitest';
import { createProjectionState, type ProjectionState } from '../../../lib/projection/index.ts';
import type { Control } from '../../../lib/projection/state-items.ts';
import { createInMemoryTableStore } from '../../../lib/testing/in-memory-table-store.ts';
import { accounts, Opened } from './accounts.ts';
import { createRig } from './rig.ts';

const open = (accountId: string) => [Opened, { accountId, owner: 'ann' }] as const;

const failed = (group: string) => ({ group, upTo: 1, code: 'PROJECTION_STEP_FAILED', message: 'odd' });

/** Two days after T0. */
const EXPIRES = { N: '1795327200' };

async function createBuilding() {
  const rig = createRig(accounts);
  await rig.rebuild.start({ acceptHorizon: false });
  const noteOn = (control: Control, group: string) =>
    rig.outbox.transact((tx) => rig.state.noteFailed(tx, control, failed(group)));
  const note = async (groups: readonly string[]) => {
    for (const group of groups) await noteOn(await rig.state.control(), group);
  };
  const stored = (name: string) => rig.tables.items('state').find((item) => item['name']?.S === name);
  return { ...rig, noteOn, note, stored };
}

describe('a completed rebuild', () => {
  it('is stored with its kind, its times and its results', async () => {
    const rig = createRig(accounts);
    for (const accountId of ['a', 'b', 'c']) await rig.handle(await rig.publish(...open(accountId)));
    await rig.rebuild.start({ acceptHorizon: false });
    rig.memory.clock.advance(60_000);

    await rig.advanceToEnd();

    expect(await rig.state.job()).toStrictEqual({
      revision: 8,
      generation: 2,
      version: 1,
      phase: 'done',
      outcome: 'switched',
      startedAt: '2026-11-20T06:00:00.000Z',
      switchedAt: '2026-11-20T06:01:00.000Z',
      finishedAt: '2026-11-20T06:01:00.000Z',
      scanKey: undefined,
      groups: 3,
      events: 3,
      truncatedGroups: 0,
      readUnits: 3,
      deletedItems: 4,
    });
  });
});

describe('an interrupted rebuild', () => {
  it('stores where to continue', async () => {
    const stop = new AbortController();
    const rig = createRig(accounts, {
      around: async (call, name) => {
        if (name === 'save' && (await rig.state.job()) !== undefined) stop.abort();
        return call();
      },
    });
    for (const accountId of ['a', 'b', 'c']) await rig.publish(...open(accountId));
    await rig.rebuild.start({ acceptHorizon: false });

    await rig.rebuild.advance({ acceptFailed: false }, stop.signal);

    expect(await rig.state.job()).toMatchObject({
      phase: 'building',
      scanKey: 'account#b',
      groups: 2,
      switchedAt: undefined,
      finishedAt: undefined,
    });
  });
});

describe('the stored position of a group', () => {
  it('expires two days after its last event, when the log and the queues no longer contain it', async () => {
    const { rebuild, outbox, state, note, stored } = await createBuilding();
    await outbox.transact((tx) =>
      tx.put(state.positionWrite(1, 'account#a', { position: 0, since: 0 }, { position: 2, since: 1 })),
    );
    await note(['account#b', 'account#c']);
    await state.resolveFailed(2, failed('account#c'));

    expect([stored('position'), stored('account#b'), stored('account#c')]).toStrictEqual([
      {
        format: { N: '1' },
        id: { S: 'position#1#account#a' },
        name: { S: 'position' },
        position: { N: '2' },
        since: { N: '1' },
        expires: EXPIRES,
      },
      {
        format: { N: '1' },
        id: { S: 'failed#2' },
        name: { S: 'account#b' },
        group: { S: 'account#b' },
        upTo: { N: '1' },
        code: { S: 'PROJECTION_STEP_FAILED' },
        message: { S: 'odd' },
        expires: EXPIRES,
      },
      {
        format: { N: '1' },
        id: { S: 'failed#2' },
        name: { S: 'account#c' },
        resolved: { BOOL: true },
        expires: EXPIRES,
      },
    ]);
    expect((await rebuild.status()).failed.map(({ group }) => group)).toStrictEqual(['account#b']);
  });
});

describe('a note of a failed group', () => {
  it('does not conflict with another note based on the same read', async () => {
    const { note, noteOn, state } = await createBuilding();
    await note(['account#a']);
    const control = await state.control();

    for (const group of ['account#b', 'account#c']) await noteOn(control, group);

    expect((await state.failed(2)).map(({ group }) => group)).toStrictEqual(['account#a', 'account#b', 'account#c']);
  });

  it('is not written if no generation is built', async () => {
    const { outbox, state, tables } = createRig(accounts);
    const control = await state.control();

    await outbox.transact((tx) => state.noteFailed(tx, control, failed('account#a')));

    expect(tables.items('state')).toStrictEqual([]);
  });
});

describe('the list of groups to process again', () => {
  const numbered = (number: number) => `account#${String(number).padStart(3, '0')}`;

  /** A store that refuses a key that is not whole, as DynamoDB does, and more pages than there are. */
  function overStrictStore({ tables, memory: { clock } }: Awaited<ReturnType<typeof createBuilding>>): ProjectionState {
    const store = createInMemoryTableStore(tables);
    let pages = 0;
    const query: typeof store.query = (request) => {
      pages += 1;
      const { startKey } = request;
      if (pages > 3) throw new Error('this page was read before');
      if (startKey !== undefined && Object.keys(startKey).toSorted().join() !== 'id,name') {
        throw new Error('The provided starting key is invalid');
      }
      return store.query(request);
    };
    return createProjectionState({ store: { ...store, query }, tableName: 'state', clock, positionSeconds: 1 });
  }

  it('continues after the last returned group, in name order', async () => {
    const rig = await createBuilding();
    await rig.note(['account#c', 'account#a', 'account#b']);
    const state = overStrictStore(rig);

    const all = await state.failed(2);
    const rest = await state.failed(2, 'account#a');

    expect(all.map(({ group }) => group)).toStrictEqual(['account#a', 'account#b', 'account#c']);
    expect(rest.map(({ group }) => group)).toStrictEqual(['account#b', 'account#c']);
  });

  it('continues after a page of groups that were processed since', async () => {
    const rig = await createBuilding();
    const groups = Array.from({ length: 101 }, (_, number) => numbered(number));
    await rig.note(groups);
    for (const group of groups.slice(0, 100)) await rig.state.resolveFailed(2, failed(group));

    expect((await overStrictStore(rig).failed(2)).map(({ group }) => group)).toStrictEqual(['account#100']);
  });

  it('ends after a last page of groups that were processed since', async () => {
    const rig = await createBuilding();
    const groups = Array.from({ length: 100 }, (_, number) => numbered(number));
    await rig.note(groups);
    for (const group of groups) await rig.state.resolveFailed(2, failed(group));

    expect(await overStrictStore(rig).failed(2)).toStrictEqual([]);
  });
});

describe('a state that cannot be stored', () => {
  it('is reported with its own error, not as a lost race', async () => {
    const throttled = Object.assign(new Error('slow down'), { name: 'ThrottlingException' });
    const rig = createRig(accounts, {
      around: async (call, name) => (name === 'save' ? Promise.reject(throttled) : call()),
    });

    await expect(rig.rebuild.start({ acceptHorizon: false })).rejects.toBe(throttled);
  });
});

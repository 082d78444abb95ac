import { describe, expect, it } from 'vitest';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import { defineProjection } from '../../../lib/projection/index.ts';
import { ACCOUNTS_VIEW, accounts, Moved, Opened } from './accounts.ts';
import { createRig, type RigOptions } from './rig.ts';
import { createSuperstitious } from './superstitious.ts';

type Around = NonNullable<RigOptions['around']>;
type Rig = ReturnType<typeof createRig<unknown>>;
type Memory = Rig['memory'];

const open = (accountId: string) => [Opened, { accountId, owner: 'ann' }] as const;

/** Does something before the `count`th write of the state. */
function beforeSave(count: number, work: () => unknown): Around {
  let saves = 0;
  return async (call, name) => {
    if (name === 'save') saves += 1;
    if (saves > 20) throw new Error('these writes were tried before');
    if (name === 'save' && saves === count) await work();
    return call();
  };
}

/** Goes on until the state was written so often. */
async function advanceBy(saves: number, projection: typeof accounts, memory: Memory) {
  const stop = new AbortController();
  const cut = createRig(projection, { memory, around: beforeSave(saves, () => stop.abort()) });
  return cut.rebuild.advance({ acceptFailed: false }, stop.signal);
}

const cutOffAtSweep: Around = async (call, name) => (name === 'sweep' ? Promise.reject(new Error('cut off')) : call());

/** A rebuild that is done but for the deleting of what served before. */
async function createUncleaned(projection = accounts) {
  const rig = createRig(projection, { around: cutOffAtSweep });
  await rig.rebuild.start({ acceptHorizon: false });
  await expect(rig.advanceToEnd()).rejects.toThrow('cut off');
  return rig.memory;
}

const versioned = (version: number, view: TableSchema = ACCOUNTS_VIEW) =>
  defineProjection({
    name: 'accounts',
    version,
    events: [Opened],
    view,
    parse: accounts.parse,
    keys: ({ data }) => [{ accountId: data.accountId }],
    on: { 'com.example.account.opened': (_, { data }) => ({ ...data, state: version }) },
  });

const BUSY = {
  code: 'REBUILD_BUSY',
  message: "the rebuild of 'accounts' is being run by another process: run it only once; --status shows its progress",
};
const OVER = { code: 'REBUILD_NONE', message: "the rebuild of 'accounts' has finished: there is nothing to abort" };

describe('a rebuild with a failing group', () => {
  async function createFailing() {
    const { projection } = createSuperstitious();
    const rig = createRig(projection);
    await rig.publish(...open('a'));
    await rig.publish(Moved, { accountId: 'a', amount: 13 });
    const opened = await rig.publish(...open('b'));
    await rig.publish(...open('c'));
    await rig.rebuild.start({ acceptHorizon: false });
    return { projection, rig, opened };
  }

  it('is reported with its phase and that group until it ends', async () => {
    const { projection, rig } = await createFailing();

    const steps = [
      await advanceBy(1, projection, rig.memory),
      await advanceBy(1, projection, rig.memory),
      await rig.advanceToEnd(),
      await rig.advanceToEnd(true),
    ];

    expect(steps.map(({ job, failed }) => [job?.phase, failed.map(({ group }) => group)])).toStrictEqual([
      ['building', ['account#a']],
      ['closing', ['account#a']],
      ['blocked', ['account#a']],
      ['done', []],
    ]);
  });

  it('returns to the closing phase after another group was noted', async () => {
    const { projection, rig } = await createFailing();
    await rig.advanceToEnd();
    const control = await rig.state.control();
    const note = { group: 'account#b', upTo: 2, code: 'PROJECTION_STEP_FAILED', message: 'odd' };
    await rig.outbox.transact((tx) => rig.state.noteFailed(tx, control, note));

    const { job } = await advanceBy(1, projection, rig.memory);

    expect(job?.phase).toBe('closing');
  });

  it('continues if the first live event records the serving generation meanwhile', async () => {
    const { projection, rig, opened } = await createFailing();
    let handled: string | undefined;
    const run = createRig(projection, {
      memory: rig.memory,
      around: beforeSave(3, async () => {
        handled = await rig.handle(opened);
      }),
    });

    const { job } = await run.advanceToEnd();

    expect([handled, job?.phase]).toStrictEqual(['handled', 'blocked']);
  });
});

describe('a rebuild that has switched but is not cleaned up', () => {
  it('continues when it is started again', async () => {
    const rig = createRig(accounts, { memory: await createUncleaned() });

    const again = await rig.rebuild.start({ acceptHorizon: false });

    expect(again.job).toMatchObject({ generation: 2, phase: 'cleaning', outcome: 'switched' });
    expect((await rig.advanceToEnd()).job).toMatchObject({ generation: 2, phase: 'done' });
  });

  it('cannot be aborted', async () => {
    const rig = createRig(accounts, { memory: await createUncleaned() });

    await expect(rig.rebuild.abort()).rejects.toMatchObject(OVER);

    expect((await rig.rebuild.status()).serving.generation).toBe(2);
  });

  it('does not let older code start a rebuild', async () => {
    const older = createRig(versioned(1), { memory: await createUncleaned(versioned(2)) });

    await expect(older.rebuild.start({ acceptHorizon: false })).rejects.toMatchObject({
      code: 'REBUILD_OUTDATED',
      message:
        "the rebuild of 'accounts' cannot start: version 2 of the code built the serving view, and this is version 1: raise the version and deploy it",
    });
  });

  it('is cleaned up by code of another version, which then has nothing left to do', async () => {
    const newer = createRig(versioned(2), { memory: await createUncleaned(versioned(1)) });

    expect((await newer.advanceToEnd()).job).toMatchObject({ version: 1, phase: 'done' });
    expect((await newer.advanceToEnd()).job).toMatchObject({ version: 1, phase: 'done' });
  });
});

describe('a rebuild that newer code started with another schema', () => {
  it('is not replaced by older code', async () => {
    const older = createRig(versioned(1));
    const newer = createRig(versioned(2, { partitionKey: ACCOUNTS_VIEW.partitionKey }), { memory: older.memory });
    await newer.rebuild.start({ acceptHorizon: false });

    await expect(older.rebuild.start({ acceptHorizon: false })).rejects.toMatchObject({
      code: 'REBUILD_OUTDATED',
      message:
        "the rebuild of 'accounts' was started by version 2 of the code, and this is version 1: abort it and start again",
    });
    expect((await newer.rebuild.status()).job).toMatchObject({ generation: 2, version: 2, phase: 'building' });
  });
});

describe('two runs of a rebuild', () => {
  it('start it once', async () => {
    const other = createRig(accounts);
    const rig = createRig(accounts, {
      memory: other.memory,
      around: beforeSave(1, () => other.rebuild.start({ acceptHorizon: false })),
    });

    await expect(rig.rebuild.start({ acceptHorizon: false })).rejects.toMatchObject(BUSY);
  });

  it('abort it once', async () => {
    const other = createRig(accounts);
    const rig = createRig(accounts, {
      memory: other.memory,
      around: beforeSave(1, () => other.rebuild.abort()),
    });
    await other.rebuild.start({ acceptHorizon: false });

    await expect(rig.rebuild.abort()).rejects.toMatchObject(BUSY);
  });

  it('do not switch to a generation that the other aborted', async () => {
    const other = createRig(accounts);
    const rig = createRig(accounts, {
      memory: other.memory,
      around: beforeSave(2, () => other.rebuild.abort()),
    });
    await other.rebuild.start({ acceptHorizon: false });

    await expect(rig.advanceToEnd()).rejects.toMatchObject(BUSY);

    expect(await rig.state.control()).toMatchObject({ serving: { generation: 1 }, building: undefined });
  });

  it('do not close a generation that the other aborted', async () => {
    const other = createRig(accounts);
    await other.rebuild.start({ acceptHorizon: false });
    await advanceBy(1, accounts, other.memory);
    let reads = 0;
    const rig = createRig(accounts, {
      memory: other.memory,
      around: async (call, name) => {
        if (name === undefined) reads += 1;
        // the job and the control are read first, then the control again
        if (name === undefined && reads === 3) await other.rebuild.abort();
        return call();
      },
    });

    await expect(rig.advanceToEnd()).rejects.toMatchObject(BUSY);
  });
});

describe('a rebuild that does not exist', () => {
  it('cannot be continued or aborted', async () => {
    const { advanceToEnd, rebuild } = createRig(accounts);
    const refusal = { code: 'REBUILD_NONE', message: "the rebuild of 'accounts' was never started" };

    await expect(advanceToEnd()).rejects.toMatchObject(refusal);
    await expect(rebuild.abort()).rejects.toMatchObject(refusal);
  });

  it('cannot be aborted again after its items are deleted', async () => {
    const { advanceToEnd, rebuild } = createRig(accounts);
    await rebuild.start({ acceptHorizon: false });
    await rebuild.abort();
    expect((await advanceToEnd()).job).toMatchObject({ phase: 'done', outcome: 'aborted' });

    await expect(rebuild.abort()).rejects.toMatchObject(OVER);
  });
});

describe('a log', () => {
  it.each([
    ['that is as old as its retention may have lost its first events', 1_795_068_000_000, 'REBUILD_BEYOND_HORIZON'],
    ['that is a millisecond younger than its retention is complete', 1_795_068_000_001, 'building'],
  ])('%s', async (_, logCreatedAt, outcome) => {
    const { rebuild } = createRig(accounts, { logCreatedAt });

    const started = rebuild.start({ acceptHorizon: false }).then(
      ({ job }) => job?.phase,
      ({ code }) => code,
    );

    expect(await started).toBe(outcome);
  });
});

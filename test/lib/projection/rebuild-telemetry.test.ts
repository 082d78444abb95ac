import { Logger } from '@aws-lambda-powertools/logger';
import { describe, expect, it, vi } from 'vitest';
import type { TableIndex } from '../../../lib/definitions/index.ts';
import { defineProjection } from '../../../lib/projection/index.ts';
import { accounts, Moved, Opened } from './accounts.ts';
import { createRig, type RigOptions } from './rig.ts';
import { createSuperstitious } from './superstitious.ts';

const BY_STATE: TableIndex = { name: 'byState', partitionKey: { name: 'state', type: 'S' } };

const versioned = (version: number, indexes: readonly TableIndex[] = []) =>
  defineProjection({
    name: 'accounts',
    version,
    events: [Opened],
    view: { partitionKey: { name: 'accountId', type: 'S' }, indexes },
    parse: (item) => item as { readonly accountId: string; readonly state: string },
    keys: ({ data }) => [{ accountId: data.accountId }],
    on: { 'com.example.account.opened': (_, { data: { accountId } }) => ({ accountId, state: 'open' }) },
  });

function createLog() {
  const log = new Logger({ logLevel: 'SILENT' });
  return { log, warn: vi.spyOn(log, 'warn') };
}

/** Older code, which has handled an event, builds generation 2. */
async function createBuilding(older = versioned(1)) {
  const rig = createRig(older);
  await rig.handle(await rig.publish(Opened, { accountId: 'z', owner: 'zoe' }));
  await rig.rebuild.start({ acceptHorizon: false });
  const event = await rig.publish(Opened, { accountId: 'a', owner: 'ann' });
  return { rig, event };
}

describe('a generation that another version of the code was building', () => {
  it.each<[string, ReturnType<typeof versioned>, string]>([
    [
      'of an older version',
      versioned(2),
      "aborted the rebuild of generation 2 of 'accounts': version 1 of the code started it, and this is version 2",
    ],
    [
      'of the same version with another schema',
      versioned(1, [BY_STATE]),
      "aborted the rebuild of generation 2 of 'accounts': version 1 of the code started it with another schema or table",
    ],
  ])('is aborted by the first event and logged once: %s', async (_, projection, message) => {
    const { rig, event } = await createBuilding();
    const { log, warn } = createLog();
    const newer = createRig(projection, { memory: rig.memory, log });

    await newer.handle(event);
    await newer.handle(await newer.publish(Opened, { accountId: 'b', owner: 'bob' }));

    expect(warn.mock.calls).toStrictEqual([[message]]);
    expect((await newer.rebuild.status()).job).toMatchObject({ phase: 'cleaning', outcome: 'aborted' });
  });

  it('is logged as aborted only by the execution that aborted it', async () => {
    const { rig, event } = await createBuilding();
    const [first, second] = [createLog(), createLog()];
    const faster = createRig(versioned(2), { memory: rig.memory, log: first.log });
    const around: RigOptions['around'] = async (call, name) => {
      if (name === 'save') await faster.handle(await faster.publish(Opened, { accountId: 'b', owner: 'bob' }));
      return call();
    };
    const slower = createRig(versioned(2), { memory: rig.memory, log: second.log, around });

    await slower.handle(event);

    expect([first.warn.mock.calls.length, second.warn.mock.calls.length]).toStrictEqual([1, 0]);
    expect((await rig.state.control()).building).toBeUndefined();
  });

  it('is not aborted by an execution after its time limit: the event is delivered again', async () => {
    const { rig, event } = await createBuilding();
    const newer = createRig(versioned(2), { memory: rig.memory });

    await expect(newer.handle(event, AbortSignal.abort())).rejects.toMatchObject({
      code: 'PROJECTION_CATCHING_UP',
      message: "group 'account#a' is still being replayed into generation 2 of 'accounts': the event will be retried",
    });

    expect((await rig.state.control()).building).toMatchObject({ generation: 2, version: 1 });
  });

  it('is not aborted by older code with another schema', async () => {
    const { rig, event } = await createBuilding(versioned(2, [BY_STATE]));
    const older = createRig(versioned(1), { memory: rig.memory });

    await expect(older.handle(event)).rejects.toMatchObject({
      code: 'PROJECTION_OUTDATED',
      message:
        "projection 'accounts' has version 1, but generation 2 of its view was built by version 2: older code does not write to it; deploy version 2 or later",
    });

    expect((await rig.rebuild.status()).job?.phase).toBe('building');
  });
});

describe('an event that arrives during a rebuild', () => {
  it('notes its group and logs it if the group fails in the new view', async () => {
    const { projection, mend, spoil } = createSuperstitious();
    const { log, warn } = createLog();
    const rig = createRig(projection, { log });
    mend();
    await rig.handle(await rig.publish(Opened, { accountId: 'a', owner: 'ann' }));
    await rig.handle(await rig.publish(Moved, { accountId: 'a', amount: 13 }));
    spoil();
    await rig.rebuild.start({ acceptHorizon: false });
    const message =
      "projection 'accounts' failed at event 2 of group 'account#a' ('com.example.account.moved'): 13 is no amount";

    expect(await rig.handle(await rig.publish(Moved, { accountId: 'a', amount: 1 }))).toBe('handled');

    expect(await rig.state.failed(2)).toStrictEqual([
      { group: 'account#a', upTo: 3, code: 'PROJECTION_STEP_FAILED', message },
    ]);
    expect(warn.mock.calls).toMatchObject([
      [
        'the group cannot be replayed into the generation that is being built',
        { error: { code: 'PROJECTION_STEP_FAILED', message, cause: { message: '13 is no amount' } } },
      ],
    ]);
  });

  it('is delivered again and notes nothing if its group could not catch up for another reason', async () => {
    const rig = createRig(accounts);
    await rig.rebuild.start({ acceptHorizon: false });
    const event = await rig.publish(Opened, { accountId: 'a', owner: 'ann' });

    await expect(rig.handle(event, AbortSignal.abort())).rejects.toMatchObject({ code: 'PROJECTION_CATCHING_UP' });

    expect(await rig.state.failed(2)).toStrictEqual([]);
    expect(await rig.reader.get({ accountId: 'a' })).toBeUndefined();
    expect(await rig.handle(event)).toBe('handled');
  });
});

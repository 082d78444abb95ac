import { describe, expect, it } from 'vitest';
import { readStatus } from '../../../lib/operations/index.ts';
import { addMs, type EpochMs } from '../../../lib/shared/time.ts';
import { blockedBy, createOpsRig, noteOf, T0 } from './rig.ts';

const depth =
  (visible: number, inFlight = 0) =>
  async () => ({ visible, inFlight });
const marker = (sequence: number, committedAt: EpochMs, isQuarantined = false) => ({
  group: 'account#1',
  sequence,
  committedAt,
  quarantined: isQuarantined ? { code: 'MalformedDetail', message: 'no', at: T0 } : undefined,
});

const NOT_PAUSED = { relay: { find: async () => undefined }, sweeper: { find: async () => undefined } };

function createStatus(markers: readonly ReturnType<typeof marker>[] = []) {
  const rig = createOpsRig();
  const consumer = {
    ...rig,
    name: 'billing',
    depths: { queue: depth(7, 2), deadLetters: depth(1, 1), undeliverable: depth(3) },
    pause: rig.pauseStore,
    groups: { waiting: rig.waiting, paused: rig.paused },
  };
  const pending = {
    async *pages() {
      yield markers;
    },
  };
  const read = (most?: number, consumers: Parameters<typeof readStatus>[0]['consumers'] = [consumer]) =>
    readStatus(
      { pending, publishers: NOT_PAUSED, consumers, clock: rig.clock, ...(most === undefined ? {} : { most }) },
      AbortSignal.timeout(1e6),
    );
  return { rig, consumer, read };
}

describe('readStatus', () => {
  it('tells what is pending, queued, failing, held and paused', async () => {
    const { rig, read } = createStatus([marker(1, addMs(T0, -9_000), true), marker(2, addMs(T0, -5_000))]);
    await rig.place('account#1', { seen: 2, blockedBy: blockedBy(1, { since: addMs(T0, -2) }) });
    await rig.place('account#2', { seen: 2, blockedBy: blockedBy(1, { since: addMs(T0, -1), state: 'retrying' }) });
    await rig.place('account#3', { seen: 2, paused: { since: T0, by: 'ann', reason: 'looking' } });
    await rig.notes.record({ ...noteOf('e1', 'no'), holdsGroup: false });
    await rig.notes.record({ ...noteOf('e2', 'no'), holdsGroup: false, state: 'retrying', deferred: true });

    expect(await read()).toStrictEqual({
      at: T0,
      outbox: {
        pending: { count: 2, isCut: false },
        quarantined: 1,
        oldestPendingAt: T0 - 5_000,
        paused: { relay: undefined, sweeper: undefined },
      },
      consumers: [
        {
          name: 'billing',
          pause: undefined,
          queue: { visible: 7, inFlight: 2 },
          deadLetters: 2,
          undeliverable: 3,
          failing: { retrying: 0, deferred: 1, dead: 1, isCut: false },
          groups: { held: 1, retrying: 1, paused: 1, isCut: false, oldestSince: T0 - 2 },
        },
      ],
    });
  });

  it('tells of an environment in which nothing waits, and of a consumer without order', async () => {
    const { consumer, read } = createStatus();

    expect(await read(undefined, [{ ...consumer, cursors: undefined, groups: undefined }])).toMatchObject({
      outbox: { pending: { count: 0, isCut: false }, oldestPendingAt: undefined },
      consumers: [{ failing: { dead: 0 }, groups: undefined }],
    });
    expect(await read(undefined, [])).toMatchObject({ consumers: [] });
  });

  it('stops to count at a limit, and says so', async () => {
    const { rig, read } = createStatus([marker(1, T0), marker(2, T0), marker(3, T0)]);
    for (const account of [1, 2, 3]) {
      await rig.place(`account#${account}`, { seen: 1, blockedBy: blockedBy(1) });
      await rig.notes.record({ ...noteOf(`e${account}`, 'no'), holdsGroup: false });
    }

    expect(await read(2)).toMatchObject({
      outbox: { pending: { count: 2, isCut: true } },
      consumers: [{ failing: { isCut: true }, groups: { isCut: true } }],
    });
  });
});

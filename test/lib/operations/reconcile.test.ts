import { describe, expect, it } from 'vitest';
import { takesOf } from '../../../lib/definitions/index.ts';
import {
  createReconciliation,
  type OutboxState,
  type ReconciledConsumer,
  type ReconcileOptions,
} from '../../../lib/operations/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';
import { blockedBy, createOpsRig, noteOf, T0 } from './rig.ts';

type Rig = ReturnType<typeof createOpsRig>;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

interface Facts {
  readonly consumer?: Partial<ReconciledConsumer>;
  readonly options?: Partial<ReconcileOptions>;
  readonly outbox?: OutboxState;
  /** Happens while the reconciliation waits before it looks again. */
  readonly meanwhile?: () => Promise<unknown>;
}

async function reconcileAll(rig: Rig, { consumer, options, outbox = { kind: 'published' }, meanwhile }: Facts = {}) {
  const waits: number[] = [];
  const reconciliation = createReconciliation(
    {
      ...rig.reconciliation(),
      markers: { statesOf: async (places) => places.map(() => outbox) },
      consumers: [rig.reconciled(consumer)],
      sleep: async (ms) => {
        waits.push(ms);
        await meanwhile?.();
      },
    },
    { graceMs: 60_000, confirmAfterMs: 75_000, ...options },
  );
  let position = await reconciliation.step({ segment: 0, segments: 1 });
  while (position !== undefined) position = await reconciliation.step(position);
  const findings = await reconciliation.confirm();
  const { standings } = reconciliation.tally();
  const counts = Object.fromEntries(Object.entries(standings).filter(([, count]) => count > 0));
  return { findings, counts, waits };
}

describe('createReconciliation', () => {
  it('accounts for what was handled, and waits for nothing then', async () => {
    const rig = createOpsRig();
    await rig.deposit('7', 3);
    await rig.place('account#7', { processed: 3, seen: 3 });
    rig.clock.advance(HOUR_MS);

    expect(await reconcileAll(rig)).toStrictEqual({ findings: [], counts: { handled: 3 }, waits: [] });
  });

  it('finds events of a strict consumer that were published and never arrived, as one range of the group', async () => {
    const rig = createOpsRig();
    const [, , last] = await rig.deposit('7', 3);
    await rig.place('account#7', { processed: 1, seen: 1 });
    rig.clock.advance(HOUR_MS);

    const { findings, counts, waits } = await reconcileAll(rig);

    expect(findings).toMatchObject([
      {
        kind: 'never-arrived',
        consumer: 'billing',
        group: 'account#7',
        from: 2,
        to: 3,
        events: 2,
        event: { id: last },
      },
    ]);
    expect({ counts, waits }).toStrictEqual({ counts: { handled: 1, unaccounted: 2 }, waits: [75_000] });
  });

  it('does not find what was handled before it looked again', async () => {
    const rig = createOpsRig();
    await rig.deposit('7');
    rig.clock.advance(HOUR_MS);

    const { findings, counts } = await reconcileAll(rig, {
      meanwhile: () => rig.place('account#7', { processed: 1, seen: 1 }),
    });

    expect({ findings, counts }).toStrictEqual({ findings: [], counts: { handled: 1 } });
  });

  it.each<[string, Partial<Record<'queue' | 'deadLetters' | 'undeliverable', number>>, OutboxState]>([
    ['queued', { queue: 1 }, { kind: 'published' }],
    ['undeliverable', { undeliverable: 1 }, { kind: 'published' }],
    ['pending', {}, { kind: 'pending' }],
    ['quarantined', {}, { kind: 'quarantined', reason: { code: 'X', message: '' }, at: T0 }],
  ])('names the place of an event that has not arrived: %s', async (place, depths, outbox) => {
    const rig = createOpsRig();
    await rig.deposit('7');
    Object.assign(rig.depths, depths);
    rig.clock.advance(HOUR_MS);

    const { findings, counts } = await reconcileAll(rig, { outbox });

    expect({ findings, counts }).toStrictEqual({ findings: [], counts: { [place]: 1 } });
  });

  it('does not believe that a message is in a queue which has forgotten it', async () => {
    const rig = createOpsRig();
    await rig.deposit('7');
    rig.depths.queue = 1;
    rig.clock.advance(5 * DAY_MS);

    expect((await reconcileAll(rig)).findings).toMatchObject([{ kind: 'never-arrived', from: 1 }]);
  });

  it.each([
    ['retrying', blockedBy(1, { state: 'retrying' })],
    ['deferred', blockedBy(1, { state: 'retrying', deferred: true })],
    ['dead', blockedBy(1)],
  ] as const)('names a blocked group: its event is %s, the others are held', async (place, blocker) => {
    const rig = createOpsRig();
    await rig.deposit('7', 3);
    await rig.place('account#7', { seen: 3, blockedBy: blocker });
    rig.depths.deadLetters = 1;
    rig.clock.advance(HOUR_MS);

    const { findings, counts } = await reconcileAll(rig);

    expect({ findings, counts }).toStrictEqual({ findings: [], counts: { [place]: 1, held: 2 } });
  });

  it('finds a blocked group whose message was purged, and names the event whose message would help', async () => {
    const rig = createOpsRig();
    const [, second] = await rig.deposit('7', 3);
    await rig.place('account#7', { processed: 1, seen: 3, blockedBy: blockedBy(2, { state: 'retrying' }) });
    rig.clock.advance(HOUR_MS);

    const { findings } = await reconcileAll(rig);

    expect(findings).toMatchObject([{ kind: 'message-gone', from: 2, to: 3, events: 2, event: { id: second } }]);
  });

  it('finds seen events of a group that nothing leads to any more', async () => {
    const rig = createOpsRig();
    await rig.deposit('7', 2);
    await rig.place('account#7', { processed: 1, seen: 2 });
    rig.clock.advance(HOUR_MS);

    expect((await reconcileAll(rig)).findings).toMatchObject([{ kind: 'message-gone', from: 2 }]);
  });

  it('names a paused group, which needs no message', async () => {
    const rig = createOpsRig();
    await rig.deposit('7', 2);
    await rig.place('account#7', { seen: 2, paused: { since: T0, by: 'ann', reason: 'dispute' } });
    rig.clock.advance(HOUR_MS);

    expect(await reconcileAll(rig)).toMatchObject({ findings: [], counts: { paused: 2 } });
  });

  it('finds that a cursor is gone although it cannot have expired, and that its events are lost', async () => {
    const rig = createOpsRig();
    const [first = ''] = await rig.deposit('7', 2);
    await rig.handle({ source: '/accounts', id: first });
    rig.clock.advance(HOUR_MS);

    const { findings } = await reconcileAll(rig);

    expect(findings.map(({ kind, from }) => [kind, from])).toStrictEqual([
      ['never-arrived', 2],
      ['cursor-gone', 1],
    ]);
  });

  it('expects no cursor of events that were handled while the consumer was fifo', async () => {
    const rig = createOpsRig();
    const [id = ''] = await rig.deposit('7');
    await rig.handle({ source: '/accounts', id });
    rig.clock.advance(HOUR_MS);
    const accountableSince = async () => ({ grouped: 0 as EpochMs, alone: 0 as EpochMs, cursors: (T0 + 1) as EpochMs });

    expect(await reconcileAll(rig, { consumer: { accountableSince } })).toMatchObject({
      findings: [],
      counts: { handled: 1 },
    });
  });

  it('asks the records of a fifo consumer for each event, and of events without a group', async () => {
    const rig = createOpsRig();
    const [first = '', second = ''] = await rig.deposit('7', 3);
    await rig.handle({ source: '/accounts', id: first });
    await rig.notes.record(noteOf(second, 'no'));
    const alone = await rig.note();
    rig.depths.deadLetters = 1;
    rig.clock.advance(HOUR_MS);
    const reads = { ...rig.reads, cursors: undefined };

    const { findings, counts } = await reconcileAll(rig, {
      consumer: { takes: takesOf([Deposited, Audited]), glance: reads, certain: reads },
    });

    expect(findings.map(({ event }) => event?.sequence)).toStrictEqual([3, 1]);
    expect(findings[1]?.event?.id).toBe(alone);
    expect(counts).toStrictEqual({ handled: 1, dead: 1, unaccounted: 2 });
  });

  it('leaves out young events, those before the start, and those of a type from before it was taken', async () => {
    const rig = createOpsRig();
    await rig.deposit('7');
    const since = (at: number) => async () => ({ grouped: at as EpochMs, alone: at as EpochMs, cursors: undefined });

    expect((await reconcileAll(rig)).counts).toStrictEqual({ 'under-way': 1 });
    rig.clock.advance(HOUR_MS);
    expect((await reconcileAll(rig, { consumer: { accountableSince: since(T0 + 1) } })).counts).toStrictEqual({
      'not-due': 1,
    });
    expect((await reconcileAll(rig, { consumer: { takenSince: () => (T0 + 1) as EpochMs } })).counts).toStrictEqual({
      'not-due': 1,
    });
  });

  it('leaves out events whose retention is over: the records of them may be gone, too', async () => {
    const rig = createOpsRig();
    await rig.deposit('7');
    rig.clock.advance(31 * DAY_MS);

    expect(await reconcileAll(rig)).toStrictEqual({ findings: [], counts: {}, waits: [] });
  });
});

import { describe, expect, it } from 'vitest';
import { type OutboxState, skip, type WhereConsumer, whereIs } from '../../../lib/operations/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { blockedBy, createOpsRig, noteOf, T0 } from './rig.ts';

type Rig = ReturnType<typeof createOpsRig>;

interface Facts {
  readonly outbox?: OutboxState;
  readonly consumer?: Partial<WhereConsumer>;
  readonly queued?: number;
}

/** What `billing` does with an event of `account#7`. */
async function stateOf(rig: Rig, sequence: number, { outbox, consumer, queued = 0 }: Facts = {}) {
  const event = await rig.log.find({ group: 'account#7', sequence });
  if (event === undefined) throw new Error('no such event');
  const depth = { visible: queued, inFlight: 0 };
  const found = await whereIs(event, {
    log: rig.log,
    markers: { stateOf: async () => outbox ?? { kind: 'published' } },
    consumers: [
      {
        ...rig,
        name: 'billing',
        depths: { queue: async () => depth, deadLetters: async () => depth, undeliverable: async () => depth },
        strict: rig,
        ...consumer,
      },
    ],
    clock: rig.clock,
  });
  return found.consumers[0]?.state;
}

async function createGroup(count = 3) {
  const rig = createOpsRig();
  return Object.assign(rig, { ids: await rig.deposit('7', count) });
}

describe('whereIs', () => {
  it('reports a type that the consumer does not handle', async () => {
    const rig = await createGroup();

    expect(await stateOf(rig, 1, { consumer: { takes: () => false } })).toStrictEqual({ kind: 'not-subscribed' });
  });

  it('reports a handled event and when it was handled, whatever happened before', async () => {
    const rig = await createGroup();
    await rig.handle({ source: '/accounts', id: rig.ids[0] ?? '' });
    await rig.place('account#7', { processed: 1, seen: 1 });

    expect(await stateOf(rig, 1)).toStrictEqual({ kind: 'handled', at: 0 });
  });

  it('reports an event as open, never as handled, if its execution died, even if the cursor is past it', async () => {
    const rig = await createGroup();
    await rig.die({ source: '/accounts', id: rig.ids[0] ?? '' });

    const under = await stateOf(rig, 1);
    rig.clock.advance(30_001);
    const open = await stateOf(rig, 1);
    await rig.place('account#7', { processed: 2, seen: 2 });
    const passed = await stateOf(rig, 1);

    expect(under).toStrictEqual({ kind: 'in-progress', until: T0 + 30_000 });
    expect(open).toStrictEqual({ kind: 'died', until: T0 + 30_000 });
    expect(passed).toStrictEqual({ kind: 'died', until: T0 + 30_000 });
  });

  it('reports the event that blocks the group, with its note', async () => {
    const rig = await createGroup();
    await rig.place('account#7', { seen: 3, blockedBy: blockedBy(1) });
    await rig.notes.record({
      subject: rig.ids[0] ?? '',
      code: 'Error',
      message: 'card refused',
      stackHead: 'at pay',
      attempts: 5,
      state: 'dead',
      holdsGroup: true,
    });

    expect(await stateOf(rig, 1)).toMatchObject({
      kind: 'dead',
      attempts: 5,
      reason: { code: 'Error', message: 'card refused' },
      note: { firstAt: T0, lastAt: T0, stackHead: 'at pay' },
    });
  });

  it('reports an event that is held behind another', async () => {
    const rig = await createGroup();
    await rig.place('account#7', { seen: 1, blockedBy: blockedBy(1) });

    expect(await stateOf(rig, 3)).toMatchObject({
      kind: 'held',
      behind: { sequence: 1, eventId: rig.ids[0], state: 'dead', since: T0, thrownAt: undefined },
    });
  });

  it('reports where in the user’s code an event failed, for the event and for those held behind it', async () => {
    const rig = await createGroup();
    await rig.place('account#7', { seen: 3, blockedBy: blockedBy(1) });
    await rig.notes.record(noteOf(rig.ids[0] ?? '', 'card refused'));

    expect(await stateOf(rig, 1)).toMatchObject({ kind: 'dead', thrownAt: 'functions/billing/charge.ts:7' });
    expect(await stateOf(rig, 3)).toMatchObject({
      kind: 'held',
      behind: { sequence: 1, thrownAt: 'functions/billing/charge.ts:7' },
    });
  });

  it('reports no place if the note is about an earlier failure than the one that blocks the group', async () => {
    const rig = await createGroup();
    await rig.place('account#7', { seen: 3, blockedBy: blockedBy(1) });
    await rig.notes.record(noteOf(rig.ids[0] ?? '', 'gateway away'));

    expect(await stateOf(rig, 1)).toMatchObject({ kind: 'dead', thrownAt: undefined });
  });

  it('reports a skipped event', async () => {
    const rig = await createGroup();
    await rig.place('account#7', { seen: 3, blockedBy: blockedBy(1) });
    await skip(rig, { group: 'account#7', sequence: 1, by: 'ann', reason: 'closed' });

    expect(await stateOf(rig, 1)).toMatchObject({ kind: 'skipped', record: { by: 'ann', reason: 'closed' } });
  });

  it('distinguishes an event that the cursor is past from one that it has only seen', async () => {
    const rig = await createGroup();
    await rig.place('account#7', { processed: 1, seen: 2 });

    expect(await stateOf(rig, 1)).toStrictEqual({ kind: 'passed' });
    expect(await stateOf(rig, 2)).toStrictEqual({ kind: 'seen' });
  });

  it('reports an event as being handled until its execution times out', async () => {
    const rig = await createGroup();
    const consumer = { inbox: { find: async () => ({ status: 'in-progress', until: (T0 + 10) as EpochMs }) as const } };

    expect(await stateOf(rig, 1, { consumer })).toStrictEqual({ kind: 'in-progress', until: T0 + 10 });

    rig.clock.advance(11);
    expect(await stateOf(rig, 1, { consumer })).toStrictEqual({ kind: 'died', until: T0 + 10 });
  });

  it('reports the state of an event that has not arrived, from the outbox and the queue', async () => {
    const rig = await createGroup();

    expect(await stateOf(rig, 1, { outbox: { kind: 'pending' } })).toStrictEqual({ kind: 'not-published' });
    expect(await stateOf(rig, 1, { queued: 2 })).toStrictEqual({
      kind: 'under-way',
      queue: { visible: 2, inFlight: 0 },
    });
    expect(await stateOf(rig, 1)).toStrictEqual({ kind: 'unknown' });
  });

  it("reports a 'fifo' consumer's dead letter by its note", async () => {
    const rig = await createGroup();
    await rig.notes.record({
      subject: rig.ids[1] ?? '',
      code: 'Error',
      message: 'no',
      stackHead: '',
      attempts: 5,
      state: 'dead',
      holdsGroup: false,
    });

    expect(await stateOf(rig, 2, { consumer: { strict: undefined } })).toMatchObject({ kind: 'dead', attempts: 5 });
  });

  it('reads the record of the cursor’s generation', async () => {
    const rig = await createGroup();
    await rig.handle({ source: '/accounts', id: rig.ids[0] ?? '' });
    await rig.place('account#7', { processed: 0, seen: 3, generation: 1 });

    expect(await stateOf(rig, 1)).toStrictEqual({ kind: 'seen' });
  });
});

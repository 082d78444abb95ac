import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NewEventRecord } from '../../../lib/outbox/event-record.ts';
import { createOutbox, type OutboxStore } from '../../../lib/outbox/index.ts';
import type { EpochMs, EpochSeconds } from '../../../lib/shared/time.ts';
import { createInMemoryOutboxStore } from '../../../lib/testing/in-memory-outbox-store.ts';
import { createCountingIds, createTestClock } from '../../fixtures/event-maker.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';

function createRig() {
  const store = createInMemoryOutboxStore();
  const outbox = outboxOver(store);
  /** Publishes with sequences of an aggregate's own; undefined has the head give it. */
  const publish = (...sequences: (number | undefined)[]) =>
    outbox.transact((tx) => {
      for (const sequence of sequences) {
        tx.publish(Deposited, { accountId: '7', amount: 1 }, sequence === undefined ? {} : { sequence });
      }
    });
  /** As producers of earlier releases did: no head is moved. */
  const publishAsBefore = (...sequences: number[]) =>
    store.commit({ token: `before-${sequences}`, writes: [], heads: [], events: sequences.map(earlierEvent) });
  const places = () => store.events.map(({ sequence }) => sequence);
  return { store, publish, publishAsBefore, places };
}

const outboxOver = (store: OutboxStore) =>
  createOutbox({
    store,
    clock: createTestClock(),
    ids: createCountingIds(),
    sleep: async () => undefined,
    random: () => 0,
    retentionSeconds: 60,
  });

const earlierEvent = (sequence: number): NewEventRecord => ({
  group: 'account#7',
  sequence,
  id: `earlier-${sequence}`,
  source: '/accounts',
  type: 'com.example.account.deposited',
  body: '{}',
  committedAt: 1_795_154_400_000 as EpochMs,
  expires: 1_796_709_600 as EpochSeconds,
});

describe('an aggregate’s own sequences', () => {
  it('can be used several in one transaction, in any order, without a read', async () => {
    const store = createInMemoryOutboxStore();
    const outbox = outboxOver({
      readHeads: () => Promise.reject(new Error('no head is read')),
      commit: store.commit,
    });
    const publish = (...sequences: number[]) =>
      outbox.transact((tx) => {
        for (const sequence of sequences) tx.publish(Deposited, { accountId: '7', amount: 1 }, { sequence });
      });

    await publish(1);
    const { events } = await publish(3, 2, 4);
    await publish(5);

    expect(events.map(({ sequence }) => Number(sequence))).toStrictEqual([3, 2, 4]);
    expect(store.events.map(({ sequence }) => sequence).toSorted()).toStrictEqual([1, 2, 3, 4, 5]);
  });

  it('must not leave a hole', async () => {
    const { publish, places } = createRig();
    await expect(publish(2)).rejects.toMatchObject({
      code: 'OUTBOX_SEQUENCE_GAP',
      last: 0,
    });
    await publish(1, 2);

    await expect(publish(4)).rejects.toMatchObject({
      code: 'OUTBOX_SEQUENCE_GAP',
      last: 2,
      message: expect.stringMatching(
        /^'com\.example\.account\.deposited' cannot take sequence 4 of group 'account#7': the group's last is 2 and the log has no event 3, expected is 3; nothing was written: publish every version/,
      ),
    });
    await expect(publish(3, 5)).rejects.toMatchObject({
      code: 'OUTBOX_SEQUENCE_INVALID',
      message:
        "sequences 3 and 5 of group 'account#7' are used in one transaction without those between them: publish every version",
    });
    expect(places()).toStrictEqual([1, 2]);
  });

  it('cannot be reused, even if their events have expired', async () => {
    const { store, publish, places } = createRig();
    await publish(1, 2);
    store.expire({ group: 'account#7', sequence: 1 });
    store.expire({ group: 'account#7', sequence: 2 });

    await expect(publish(2)).rejects.toMatchObject({
      code: 'OUTBOX_SEQUENCE_TAKEN',
      disposition: 'lost-race',
      last: 2,
      message:
        "'com.example.account.deposited' cannot take sequence 2 of group 'account#7': the group's last is 2, expected is 3; nothing was written: load the aggregate again and publish its next version",
    });
    await expect(publish(1)).rejects.toMatchObject({ code: 'OUTBOX_SEQUENCE_TAKEN' });
    expect(places()).toStrictEqual([]);
  });

  it('fail with an error that contains only type, group and sequence, not the event data', async () => {
    const { publish } = createRig();
    await publish(1);

    const refusal: unknown = await publish(1).catch((error: unknown) => error);

    expect(refusal).toMatchObject({ code: 'OUTBOX_SEQUENCE_TAKEN' });
    expect(refusal).toHaveProperty('place', {
      type: 'com.example.account.deposited',
      group: 'account#7',
      sequence: 1,
    });
  });

  it.each([
    ["'1'", '1'],
    ['0', 0],
    ['1.5', 1.5],
    ['NaN', Number.NaN],
    ['null', null],
  ])('must be whole numbers from 1, not %s', async (text, sequence) => {
    const { publish } = createRig();

    await expect(publish(sequence as number)).rejects.toMatchObject({
      code: 'OUTBOX_SEQUENCE_INVALID',
      message: `the sequence of 'com.example.account.deposited' must be a whole number from 1, got ${text}`,
    });
  });

  it('cannot be mixed with the head’s in one group', async () => {
    const versioned = createRig();
    await versioned.publish(1);
    const headed = createRig();
    await headed.publish(undefined);

    await expect(versioned.publish(undefined)).rejects.toMatchObject({
      code: 'OUTBOX_SEQUENCE_MIXED',
      message:
        "'com.example.account.deposited' has no sequence, but its group 'account#7' uses the aggregate's versions: pass { sequence } with all events of the group, or use another group for this event; nothing was written",
    });
    await expect(headed.publish(2)).rejects.toMatchObject({
      code: 'OUTBOX_SEQUENCE_MIXED',
      message:
        "'com.example.account.deposited' has sequence 2, but its group 'account#7' gets its sequences from the outbox: leave { sequence } out for all events of the group, or use another group for this event; nothing was written",
    });
    expect([versioned.places(), headed.places()]).toStrictEqual([[1], [1]]);
  });

  it('require a group', async () => {
    const { store } = createRig();
    const single = outboxOver(store).transact((tx) => tx.publish(Audited, { note: 'a' }, { sequence: 1 }));

    await expect(single).rejects.toMatchObject({ code: 'OUTBOX_SEQUENCE_INVALID' });
  });

  it('continue after a restore if the operator raised the head', async () => {
    const { store, publish, places } = createRig();
    await publish(1, 2);
    await store.commit({
      token: 'raise',
      writes: [],
      heads: [{ group: 'account#7', from: 2, to: 100, by: 'versions' }],
      events: [],
    });

    await expect(publish(3)).rejects.toMatchObject({ code: 'OUTBOX_SEQUENCE_TAKEN', last: 100 });
    await publish(101);

    expect(places()).toStrictEqual([1, 2, 101]);
  });
});

describe('groups with aggregate versions of earlier releases', () => {
  it('continue if the log has the previous event, and then have a head', async () => {
    const { store, publish, publishAsBefore, places } = createRig();
    await publishAsBefore(1, 2, 3);
    store.expire({ group: 'account#7', sequence: 1 });

    await publish(4);

    expect(places()).toStrictEqual([2, 3, 4]);
    await expect(publish(4)).rejects.toMatchObject({ code: 'OUTBOX_SEQUENCE_TAKEN', last: 4 });
    await expect(publish(6)).rejects.toMatchObject({ code: 'OUTBOX_SEQUENCE_GAP', last: 4 });
    await publish(5);
  });

  it('cannot use a sequence that is in the log, or one after a hole', async () => {
    const { publish, publishAsBefore, places } = createRig();
    await publishAsBefore(1, 2, 3);

    await expect(publish(3)).rejects.toMatchObject({ code: 'OUTBOX_SEQUENCE_TAKEN' });
    await expect(publish(5)).rejects.toMatchObject({ code: 'OUTBOX_SEQUENCE_GAP' });
    await expect(publish(undefined)).rejects.toMatchObject({ code: 'OUTBOX_SEQUENCE_MIXED' });
    expect(places()).toStrictEqual([1, 2, 3]);
  });

  it('continue while producers of both releases publish', async () => {
    const { publish, publishAsBefore, places } = createRig();
    await publishAsBefore(1);
    await publish(2);
    await publishAsBefore(3, 4);

    await publish(5);
    await publish(6);

    expect(places()).toStrictEqual([1, 2, 3, 4, 5, 6]);
  });
});

it('sequences stay contiguous with concurrent producers', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 1, maxLength: 3 }), { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 4 })),
      fc.scheduler(),
      async (attempts, expired, scheduler) => {
        const memory = createInMemoryOutboxStore();
        const used: number[] = [];
        const outbox = outboxOver({
          readHeads: memory.readHeads,
          commit: async (commit) => {
            await scheduler.schedule(Promise.resolve());
            const outcome = await memory.commit(commit);
            if (outcome.kind === 'committed') used.push(...commit.events.map(({ sequence }) => sequence));
            for (const sequence of expired) memory.expire({ group: 'account#7', sequence });
            return outcome;
          },
        });
        const all = attempts.map((sequences) =>
          outbox.transact((tx) => {
            for (const sequence of sequences) tx.publish(Deposited, { accountId: '7', amount: 1 }, { sequence });
          }),
        );
        await scheduler.waitFor(Promise.allSettled(all));

        expect(used.toSorted((a, b) => a - b)).toStrictEqual(used.map((_, index) => index + 1));
      },
    ),
  );
});

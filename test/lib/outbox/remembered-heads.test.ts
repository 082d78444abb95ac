import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineEvent } from '../../../lib/definitions/index.ts';
import { createOutbox, type Outbox, type OutboxStore } from '../../../lib/outbox/index.ts';
import { createInMemoryOutboxStore } from '../../../lib/testing/in-memory-outbox-store.ts';
import { createCountingIds, createTestClock } from '../../fixtures/event-maker.ts';

const Deposited = defineEvent({
  type: 'com.example.account.deposited',
  source: '/accounts',
  version: 1,
  schema: z.object({ accountId: z.string() }),
  group: ({ accountId }) => `account#${accountId}`,
});

/** Containers that share one store. */
function createRig({ rememberedHeads }: { readonly rememberedHeads?: number } = {}) {
  const memory = createInMemoryOutboxStore();
  const clock = createTestClock();
  const ids = createCountingIds();
  const reads: (readonly string[])[] = [];
  const slept: number[] = [];
  const refused: string[] = [];
  const store: OutboxStore = {
    readHeads: (groups) => {
      reads.push(groups);
      return memory.readHeads(groups);
    },
    async commit(commit) {
      const outcome = await memory.commit(commit);
      if (outcome.kind === 'head-moved') refused.push(...outcome.heads.keys());
      return outcome;
    },
  };
  const container = (over: OutboxStore = store): Outbox =>
    createOutbox({
      store: over,
      clock,
      ids,
      sleep: async (delayMs) => void slept.push(delayMs),
      random: () => 0.5,
      retentionSeconds: 60,
      ...(rememberedHeads === undefined ? {} : { rememberedHeads }),
    });
  return { memory, store, clock, container, reads, slept, refused };
}

const deposit = (outbox: Outbox, ...accounts: readonly string[]) =>
  outbox.transact((tx) => {
    for (const accountId of accounts) tx.publish(Deposited, { accountId });
  });

async function depositTimes(outbox: Outbox, times: number, account = '7'): Promise<void> {
  for (let time = 0; time < times; time++) await deposit(outbox, account);
}

describe('the head of a group', () => {
  it('is not read any more once two reads have found it as this process had left it', async () => {
    const { memory, container, reads } = createRig();

    await depositTimes(container(), 10);

    expect(reads).toStrictEqual([['account#7'], ['account#7'], ['account#7']]);
    expect(memory.events.map(({ sequence }) => sequence)).toStrictEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('is read at each commit if another process moves it in between', async () => {
    const { container, reads, refused } = createRig();
    const [ours, theirs] = [container(), container()];

    for (let time = 0; time < 5; time++) {
      await deposit(ours, '7');
      await deposit(theirs, '7');
    }

    expect(reads).toHaveLength(10);
    expect(refused).toStrictEqual([]);
  });

  it('is taken from the refusal, at once and without a read, if another process has moved it', async () => {
    const { memory, container, reads, slept, refused } = createRig();
    const ours = container();
    await depositTimes(ours, 4);
    await depositTimes(container(), 2);
    reads.length = 0;

    await deposit(ours, '7');

    expect(refused).toStrictEqual(['account#7']);
    expect(reads).toStrictEqual([]);
    expect(slept).toStrictEqual([]);
    expect(memory.events.at(-1)).toMatchObject({ sequence: 7 });
  });

  it('is read at the next forty commits after a refusal, which costs as much', async () => {
    const { container, reads } = createRig();
    const ours = container();
    await depositTimes(ours, 4);
    await deposit(container(), '7');
    await deposit(ours, '7');
    reads.length = 0;

    await depositTimes(ours, 60);

    expect(reads).toHaveLength(40);
  });

  it('is waited for and read if it moves again after the refusal', async () => {
    const { memory, store, container, reads, slept } = createRig();
    const theirs = container();
    let commits = 0;
    const ours = container({
      ...store,
      async commit(commit) {
        commits += 1;
        if (commits === 5 || commits === 6) await deposit(theirs, '7');
        return store.commit(commit);
      },
    });
    await depositTimes(ours, 4);
    reads.length = 0;

    await deposit(ours, '7');

    expect(slept).toStrictEqual([25]);
    expect(memory.events.at(-1)).toMatchObject({ sequence: 7 });
  });

  it('is read together with others that are not remembered, and only those', async () => {
    const { memory, container, reads } = createRig();
    const ours = container();
    await depositTimes(ours, 4);
    reads.length = 0;

    await deposit(ours, '8', '7', '9');

    expect(reads).toStrictEqual([['account#8', 'account#9']]);
    expect(memory.events.slice(-3).map(({ group, sequence }) => `${group} ${sequence}`)).toStrictEqual([
      'account#8 1',
      'account#7 5',
      'account#9 1',
    ]);
  });

  it('is forgotten if it is not known whether a commit was applied', async () => {
    const { memory, store, container, reads } = createRig();
    let fails = false;
    const ours = container({
      ...store,
      async commit(commit) {
        const outcome = await store.commit(commit);
        if (fails) throw new Error('no answer');
        return outcome;
      },
    });
    await depositTimes(ours, 4);
    fails = true;
    await expect(deposit(ours, '7')).rejects.toThrow('no answer');
    fails = false;
    reads.length = 0;

    await deposit(ours, '7');

    expect(reads).toStrictEqual([['account#7']]);
    expect(memory.events.map(({ sequence }) => sequence)).toStrictEqual([1, 2, 3, 4, 5, 6]);
  });

  it('is forgotten after a conflict with another transaction, which moves it', async () => {
    const { store, container, reads } = createRig();
    let conflicts = 0;
    const ours = container({
      ...store,
      commit: async (commit) =>
        conflicts-- > 0 ? { kind: 'conflict', reason: 'TransactionConflict' } : store.commit(commit),
    });
    await depositTimes(ours, 4);
    conflicts = 1;
    reads.length = 0;

    await deposit(ours, '7');

    expect(reads).toStrictEqual([['account#7']]);
  });

  it('is forgotten if only the place of the event is reported as taken, although the head has moved, too', async () => {
    const { memory, store, container, reads } = createRig();
    const ours = container({
      ...store,
      async commit(commit) {
        const outcome = await store.commit(commit);
        const [event] = commit.events;
        // DynamoDB need not report every failed condition
        return outcome.kind === 'head-moved' && event !== undefined ? { kind: 'sequence-taken', event } : outcome;
      },
    });
    await depositTimes(ours, 4);
    await deposit(container(), '7');
    reads.length = 0;

    await deposit(ours, '7');

    expect(reads).toStrictEqual([['account#7'], ['account#7']]);
    expect(memory.events.at(-1)).toMatchObject({ sequence: 6 });
  });

  it('is forgotten if more groups are written since than are remembered', async () => {
    const { container, reads } = createRig({ rememberedHeads: 2 });
    const ours = container();
    for (const account of ['1', '2']) await depositTimes(ours, 4, account);
    reads.length = 0;
    await deposit(ours, '1');
    await deposit(ours, '3');
    expect(reads).toStrictEqual([['account#3']]);

    await deposit(ours, '1');
    await deposit(ours, '2');

    expect(reads).toStrictEqual([['account#3'], ['account#2']]);
  });

  it('is always read if nothing is to be remembered', async () => {
    const { container, reads } = createRig({ rememberedHeads: 0 });

    await depositTimes(container(), 5);

    expect(reads).toHaveLength(5);
  });

  it('keeps the expiry of the earlier events, although it is not read', async () => {
    const { memory, clock, container, reads } = createRig();
    const ours = container();
    await depositTimes(ours, 4);
    reads.length = 0;
    clock.advance(10_000);

    await depositTimes(ours, 2);

    expect(reads).toStrictEqual([]);
    expect(memory.events.slice(-2).map(({ expires, previousExpires }) => [expires, previousExpires])).toStrictEqual([
      [1_795_154_470, 1_795_154_460],
      [1_795_154_470, 1_795_154_470],
    ]);
  });

  it('never costs a place or an event, whatever other containers do in between', async () => {
    const step = fc.record({
      container: fc.nat({ max: 2 }),
      accounts: fc.uniqueArray(fc.constantFrom('1', '2', '3'), { minLength: 1, maxLength: 3 }),
      fails: fc.constantFrom('no', 'no', 'no', 'before', 'after'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 0, max: 3 }),
        fc.scheduler(),
        async (steps, rememberedHeads, scheduler) => {
          const rig = createRig({ rememberedHeads });
          let applied = 0;
          let failing: string = 'no';
          const flaky: OutboxStore = {
            readHeads: (groups) => scheduler.schedule(rig.store.readHeads(groups)),
            async commit(commit) {
              const fails = failing;
              failing = 'no';
              await scheduler.schedule(Promise.resolve());
              if (fails === 'before') throw new Error('no answer');
              const outcome = await rig.store.commit(commit);
              if (outcome.kind === 'committed') applied += commit.events.length;
              if (fails === 'after') throw new Error('no answer');
              return outcome;
            },
          };
          const containers = [0, 1, 2].map(() => rig.container(flaky));
          const run = async () => {
            for (let start = 0; start < steps.length; start += 3) {
              const at = steps.slice(start, start + 3).map(async ({ container, accounts, fails }) => {
                const outbox = containers[container];
                if (outbox === undefined) return;
                failing = fails;
                await deposit(outbox, ...accounts).catch((error: Error) => {
                  if (error.message !== 'no answer') throw error;
                });
              });
              await Promise.all(at);
            }
          };

          await scheduler.waitFor(run());

          expect(rig.memory.events).toHaveLength(applied);
          for (const group of ['account#1', 'account#2', 'account#3']) {
            const sequences = rig.memory.events
              .filter((event) => event.group === group)
              .map(({ sequence }) => sequence);
            expect(sequences).toStrictEqual(sequences.map((_, index) => index + 1));
          }
        },
      ),
      { numRuns: 200 },
    );
  });
});

import { describe, expect, it } from 'vitest';
import {
  assertReplayable,
  type DeployedConsumer,
  type ReplayDeps,
  type ReplayedGroup,
  type ReplayProgress,
  type ReplayRequest,
  replay,
} from '../../../lib/operations/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createInMemoryCursorStore } from '../../../lib/testing/in-memory-cursor-store.ts';
import { createInMemoryLog } from '../../../lib/testing/in-memory-log.ts';
import { Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { batchOf, createRig, messageOf } from '../consumer/rig.ts';
import { blockedBy, T0 } from './rig.ts';

const MINUTE_MS = 60_000;
const GROUP = 'account#7';

/** A strict consumer of deposits with its own code, and an operator. */
function createBank() {
  const handled: string[] = [];
  const rig = createRig(
    ({ data: { amount } }, { replay: isReplay }) => {
      handled.push(isReplay === undefined ? String(amount) : `${amount} again in generation ${isReplay.generation}`);
    },
    { ordering: 'strict' },
  );
  const { store, clock, queue, tables } = rig;
  const cursors = createInMemoryCursorStore({ tables, tableName: 'cursors', consumer: 'banking' });
  const log = createInMemoryLog(store);
  const limiter = { spend: async () => undefined };
  const deps: ReplayDeps = {
    ...{ cursors, log, walker: log, queue, clock, readLimiter: limiter, groupLimiter: limiter },
    takes: ({ type }) => type === Deposited.type,
  };
  const receive = async (body: string) => void (await rig.handler(batchOf(messageOf(body, GROUP)), lambdaContext()));
  return {
    handled,
    cursors,
    deps,
    cursor: async () => (await cursors.read([GROUP])).get(GROUP),
    /** Commits a deposit, a minute after the one before, and has it handled unless its message is lost. */
    async deposit(amount: number, arrives = true) {
      clock.advance(MINUTE_MS);
      await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount }));
      if (arrives) await receive(store.events.at(-1)?.body ?? '');
    },
    /** Receives what was resent since. */
    async settle() {
      for (const { body } of queue.resent.splice(0)) await receive(body);
    },
    async replay(request: Partial<ReplayRequest> = {}, plans = false) {
      const groups: ReplayedGroup[] = [];
      const steps = replay(deps, { run: 'run-1', by: 'ann', reason: 'a wrong rate', ...request }, { plans });
      let step: IteratorResult<ReplayedGroup, ReplayProgress> = await steps.next();
      for (; step.done !== true; step = await steps.next()) groups.push(step.value);
      return { groups, progress: step.value };
    },
  };
}

const minute = (count: number) => (T0 + count * MINUTE_MS) as EpochMs;

describe('replay', () => {
  it('has a strict consumer handle what it had handled once more, in order, and tells its handlers', async () => {
    const bank = createBank();
    for (const amount of [1, 2, 3]) await bank.deposit(amount);

    const { groups } = await bank.replay();
    await bank.settle();

    expect(groups).toStrictEqual([{ kind: 'begun', group: GROUP, from: 1, upTo: 3, events: 3, generation: 1 }]);
    expect(bank.handled).toStrictEqual([
      ...['1', '2', '3'],
      ...['1 again in generation 1', '2 again in generation 1', '3 again in generation 1'],
    ]);
    expect(await bank.cursor()).toMatchObject({ processed: 3, seen: 3, generation: 1 });
  });

  it('replays a range of time only, and goes on behind what was handled before', async () => {
    const bank = createBank();
    const before = bank.deps.clock.now() - T0;
    for (const amount of [1, 2, 3, 4, 5]) await bank.deposit(amount);
    const since = (minute(2) + before) as EpochMs;
    const until = (minute(3) + before) as EpochMs;

    await bank.replay({ since, until });
    await bank.settle();
    await bank.deposit(6);

    expect(bank.handled.slice(5)).toStrictEqual(['2 again in generation 1', '3 again in generation 1', '6']);
    expect(await bank.cursor()).toMatchObject({ processed: 6, generation: 1 });
  });

  it('lets live events flow behind the replayed ones of their group', async () => {
    const bank = createBank();
    await bank.deposit(1);
    await bank.replay();
    await bank.deposit(2);
    await bank.settle();

    expect(bank.handled).toStrictEqual(['1', '1 again in generation 1', '2']);
  });

  it('replays a group once by a run: an interrupted one is continued, and only its message is sent again', async () => {
    const bank = createBank();
    for (const amount of [1, 2]) await bank.deposit(amount);
    await bank.replay();

    const again = await bank.replay();
    await bank.settle();
    const third = await bank.replay();
    await bank.settle();

    expect([again, third].map(({ groups }) => groups[0]?.kind)).toStrictEqual(['begun-before', 'begun-before']);
    expect(bank.handled.slice(2)).toStrictEqual(['1 again in generation 1', '2 again in generation 1']);
    await bank.replay({ run: 'run-2' });
    await bank.settle();
    expect(bank.handled.slice(4)).toStrictEqual(['1 again in generation 2', '2 again in generation 2']);
  });

  it('begins groups without a cursor: a new consumer handles them for the first time', async () => {
    const bank = createBank();
    for (const amount of [1, 2]) await bank.deposit(amount, false);

    const { groups } = await bank.replay();
    await bank.settle();

    expect(groups).toMatchObject([{ kind: 'begun', from: 1, upTo: 2, generation: 0 }]);
    expect(bank.handled).toStrictEqual(['1', '2']);
  });

  it('changes nothing for a plan', async () => {
    const bank = createBank();
    for (const amount of [1, 2]) await bank.deposit(amount);
    const cursor = await bank.cursor();

    expect(await bank.replay({}, true)).toMatchObject({
      groups: [{ kind: 'planned', from: 1, upTo: 2, events: 2 }],
      progress: { groups: 1, events: 2 },
    });
    expect(await bank.cursor()).toStrictEqual(cursor);
  });

  it('refuses a group that is blocked or paused, and leaves out what is not handled yet', async () => {
    const bank = createBank();
    await bank.deposit(1);
    const cursor = await bank.cursor();
    if (cursor === undefined) throw new Error('no cursor');
    await bank.cursors.save(GROUP, cursor, { ...cursor, seen: 2, blockedBy: blockedBy(2) });
    expect((await bank.replay()).groups).toMatchObject([{ kind: 'refused', why: 'blocked' }]);

    const blocked = (await bank.cursor()) ?? cursor;
    await bank.cursors.save(GROUP, blocked, { ...cursor, paused: { since: T0, by: 'ann', reason: '' } });
    expect((await bank.replay()).groups).toMatchObject([{ kind: 'refused', why: 'paused' }]);

    const paused = (await bank.cursor()) ?? cursor;
    await bank.cursors.save(GROUP, paused, { ...cursor, processed: 0 });
    expect((await bank.replay()).groups).toStrictEqual([]);
  });
});

describe('assertReplayable', () => {
  const deployed = (variables: Readonly<Record<string, string>>, ordering: 'strict' | 'fifo' = 'strict') =>
    ({ name: 'billing', ordering, variables }) as unknown as DeployedConsumer;

  it.each([
    [deployed({}, 'fifo'), true, "its ordering is 'fifo'"],
    [deployed({ WAYBILL_PROJECTION_STATE_TABLE_NAME: 't' }), true, "use 'waybill rebuild'"],
    [deployed({ WAYBILL_SAGAS_TABLE_NAME: 't' }), false, 'pass --i-know'],
    [deployed({ WAYBILL_CLAIM: 'before' }), false, 'same idempotencyKey'],
  ])('refuses with the reason', (consumer, iKnow, reason) => {
    expect(() => assertReplayable(consumer, iKnow)).toThrow(reason);
  });

  it.each([
    [deployed({}), false],
    [deployed({ WAYBILL_SAGAS_TABLE_NAME: 't', WAYBILL_CLAIM: 'before' }), true],
  ])('takes a strict consumer, and others if the operator knows', (consumer, iKnow) => {
    expect(() => assertReplayable(consumer, iKnow)).not.toThrow();
  });
});

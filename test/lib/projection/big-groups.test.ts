import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../../lib/definitions/index.ts';
import { defineCounters, defineProjection } from '../../../lib/projection/index.ts';
import { ACCOUNTS_VIEW, type Account, ALL, accounts, Moved, Opened, TURNOVER_VIEW, turnover } from './accounts.ts';
import { createRig } from './rig.ts';

/** An item for each movement, and as many more as it says. */
const movements = defineProjection({
  name: 'movements',
  events: [Moved],
  view: ACCOUNTS_VIEW,
  parse: (item) => item as Account,
  keys: ({ sequence, data }) =>
    Array.from({ length: data.amount }, (_, more) => ({ accountId: `${sequence}.${more}` })),
  on: { 'com.example.account.moved': () => ({ accountId: '', owner: 'ann', state: 1 }) },
});

/** Each movement adds to as many counters as it says. */
const spread = defineCounters({
  name: 'spread',
  events: [Moved],
  view: TURNOVER_VIEW,
  parse: turnover.parse,
  on: {
    'com.example.account.moved': ({ data }) =>
      Array.from({ length: data.amount }, (_, day) => ({
        key: { currency: 'GBP', day: `day ${day}` },
        amounts: { movements: 1 },
      })),
  },
});

describe('a group with a long history', () => {
  it('is added to the new view in parts that each fit into a transaction', async () => {
    const rig = createRig(movements);
    for (let count = 1; count <= 10; count++) await rig.publish(Moved, { accountId: 'a', amount: 40 });

    await rig.rebuild.start({ acceptHorizon: false });

    expect((await rig.advanceToEnd()).job).toMatchObject({ outcome: 'switched', groups: 1, events: 10 });
    expect(rig.tables.items('view')).toHaveLength(400);
  });

  it('adds counters up in parts that each fit into a transaction', async () => {
    const rig = createRig(spread);
    for (let count = 1; count <= 10; count++) await rig.publish(Moved, { accountId: 'a', amount: 40 });

    await rig.rebuild.start({ acceptHorizon: false });
    await rig.advanceToEnd();

    const sums = await rig.reader.sums({ partition: 'GBP' });
    expect(sums.map(({ item }) => item.movements)).toStrictEqual(Array.from({ length: 40 }, () => 10));
  });

  it('continues in the middle after a timeout', async () => {
    const controller = new AbortController();
    const rig = createRig(accounts, {
      around: async (call, name) => {
        const done = await call();
        if (name === 'commit') controller.abort();
        return done;
      },
    });
    await rig.publish(Opened, { accountId: 'a', owner: 'ann' });
    for (let count = 1; count <= 20; count++) await rig.publish(Moved, { accountId: 'a', amount: 0 });

    await rig.rebuild.start({ acceptHorizon: false });
    const cut = await rig.rebuild.advance({ acceptFailed: false }, controller.signal);
    const { position } = await rig.state.position(2, 'account#a');
    const done = await rig.advanceToEnd();

    expect(cut).toMatchObject({ serving: { generation: 1 }, job: { phase: 'building', groups: 0 } });
    expect([position > 0, position < 21]).toStrictEqual([true, true]);
    expect(done).toMatchObject({ serving: { generation: 2 }, job: { outcome: 'switched', groups: 1 } });
    expect((await rig.reader.get({ accountId: ALL }))?.item.state).toBe(21);
  });

  it('is counted once as having lost its first events, regardless of timeouts and of who started it', async () => {
    let controller = new AbortController();
    const rig = createRig(accounts, {
      around: async (call, name) => {
        const done = await call();
        if (name === 'commit') controller.abort();
        return done;
      },
    });
    const publishAt = async (accountId: string, sequence: number) => {
      const { events } = await rig.outbox.transact((tx) => tx.publish(Moved, { accountId, amount: 0 }, { sequence }));
      return events[0] as CloudEvent;
    };
    for (let sequence = 1; sequence <= 20; sequence++) await publishAt('lost', sequence);
    await publishAt('live', 1);
    const live = await publishAt('live', 2);
    for (const sequence of [1, 2]) rig.memory.outboxStore.expire({ group: 'account#lost', sequence });
    rig.memory.outboxStore.expire({ group: 'account#live', sequence: 1 });
    for (let count = 1; count <= 8; count++) await rig.publish(Moved, { accountId: 'whole', amount: 0 });

    // no read misses an event for so long: what the log does not show is taken for expired
    rig.memory.clock.advance(2 * 3_600_000);
    await rig.rebuild.start({ acceptHorizon: false });
    await rig.handle(live);
    controller = new AbortController();
    await rig.rebuild.advance({ acceptFailed: false }, controller.signal);
    const position = await rig.state.position(2, 'account#lost');
    const { job } = await rig.advanceToEnd();

    expect(position).toMatchObject({ since: 3 });
    expect(position.position).toBeLessThan(20);
    expect(job).toMatchObject({ outcome: 'switched', groups: 3, truncatedGroups: 2 });
  });

  it('accepts an event that changes as many items as fit into a transaction, and records a failure if it changes more', async () => {
    const rig = createRig(movements);
    await rig.publish(Moved, { accountId: 'a', amount: 90 });
    await rig.publish(Moved, { accountId: 'b', amount: 120 });

    await rig.rebuild.start({ acceptHorizon: false });
    const blocked = await rig.advanceToEnd();

    expect(blocked.failed).toMatchObject([{ group: 'account#b', code: 'PROJECTION_STEP_FAILED' }]);
    expect(blocked.failed[0]?.message).toContain(
      "projection 'movements' failed at event 1 of group 'account#b' ('com.example.account.moved'): 'com.example.account.moved' changes 120 items of 'movements', the maximum is 90: change fewer items, or publish several events",
    );
    expect(rig.tables.items('view')).toHaveLength(90);
  });
});

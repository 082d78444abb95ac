import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { defineEvent } from '../../../lib/definitions/index.ts';
import { defineCounters, defineProjection } from '../../../lib/projection/index.ts';
import type { EpochMs, EpochSeconds } from '../../../lib/shared/time.ts';
import { TableConditionError } from '../../../lib/tenancy/index.ts';
import { ACCOUNTS_VIEW, accounts, Moved, Opened, TURNOVER_VIEW, turnover, Viewed } from './accounts.ts';
import { createBareProjector, GROUP } from './bare-projector.ts';
import { createRig } from './rig.ts';
import { createSuperstitious } from './superstitious.ts';

const names = (sequence: string | undefined, count: number) =>
  Array.from({ length: count }, (_, index) => `${sequence}.${index}`);

/** As many items of its own for each movement as that says. */
const ownItems = defineProjection({
  name: 'own',
  events: [Moved],
  view: ACCOUNTS_VIEW,
  parse: accounts.parse,
  keys: ({ sequence, data }) => names(sequence, data.amount).map((accountId) => ({ accountId })),
  on: { 'com.example.account.moved': (_, __, { accountId }) => ({ accountId: String(accountId), state: 1 }) },
});

const ownCounters = defineCounters({
  name: 'own',
  events: [Moved],
  view: TURNOVER_VIEW,
  parse: turnover.parse,
  on: {
    'com.example.account.moved': ({ sequence, data }) =>
      names(sequence, data.amount).map((day) => ({ key: { currency: 'GBP', day }, amounts: { movements: 1 } })),
  },
});

const moveA = (amount: number) => [Moved, { accountId: 'a', amount }] as const;

const conflict = () => new TableConditionError(0);

describe('a group that catches up in a view', () => {
  it.each([
    ['items', () => createBareProjector(ownItems)],
    ['counters', () => createBareProjector(ownCounters)],
  ])('writes as many events as fit into a transaction, of %s', async (_, create) => {
    const { publish, catchUp, committed } = create();
    for (let count = 1; count <= 7; count++) await publish(...moveA(30));

    expect(await catchUp(7)).toStrictEqual({ events: 7, truncated: false });
    expect(committed).toStrictEqual([3, 6, 7]);
  });

  it('writes at most 100 events in a transaction', async () => {
    const { publish, catchUp, committed } = createBareProjector(accounts);
    for (let count = 1; count <= 150; count++) await publish(...moveA(0));

    await catchUp(150);

    expect(committed).toStrictEqual([100, 150]);
  });

  it('reports how many events were applied, and skips others', async () => {
    const { publish, catchUp, committed } = createBareProjector(accounts);
    await publish(Opened, { accountId: 'a', owner: 'ann' });
    await publish(Viewed, { accountId: 'a' });
    await publish(...moveA(1));

    expect(await catchUp(3)).toStrictEqual({ events: 2, truncated: false });
    expect(committed).toStrictEqual([3]);
  });

  it('does not read the log if it is up to date', async () => {
    const { publish, catchUp, asked } = createBareProjector(accounts);
    await publish(...moveA(1));
    await catchUp(1);

    expect(await catchUp(1)).toStrictEqual({ events: 0, truncated: false });
    expect(asked).toStrictEqual([0]);
  });

  it('passes a temporary error to the caller, after one attempt', async () => {
    const throttled = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
    let tries = 0;
    const { publish, catchUp } = createBareProjector(accounts, {
      beforeCommit: () => {
        tries += 1;
        throw throttled;
      },
    });
    for (const amount of [1, 2, 3]) await publish(...moveA(amount));

    await expect(catchUp(3)).rejects.toBe(throttled);
    expect(tries).toBe(1);
  });

  it('fails after 50 lost races, with the last error', async () => {
    let tries = 0;
    const { publish, catchUp } = createBareProjector(accounts, {
      beforeCommit: () => {
        tries += 1;
        throw conflict();
      },
    });
    await publish(...moveA(1));

    await expect(catchUp(1)).rejects.toMatchObject({
      code: 'PROJECTION_CONTENTION',
      message:
        "group 'account#a' cannot be written to the view of 'accounts': other writers changed the same items at every attempt; if many groups change one item, use defineCounters",
      cause: { code: 'OUTBOX_CONDITION_FAILED' },
    });
    expect(tries).toBe(50);
  });

  it('counts lost races separately for each commit', async () => {
    let tries = 0;
    const { publish, catchUp } = createBareProjector(ownItems, {
      beforeCommit: () => {
        tries += 1;
        if (tries % 50 !== 0) throw conflict();
      },
    });
    for (let count = 1; count <= 2; count++) await publish(...moveA(90));

    expect(await catchUp(2)).toStrictEqual({ events: 2, truncated: false });
    expect(tries).toBe(100);
  });

  it('names the event that the code can no longer read', async () => {
    const Nameless = defineEvent({
      type: Opened.type,
      source: Opened.source,
      version: 1,
      schema: z.object({ accountId: z.string() }),
      group: () => GROUP,
    });
    const { publish, catchUp, committed } = createBareProjector(accounts);
    await publish(...moveA(1));
    await publish(Nameless, { accountId: 'a' });

    await expect(catchUp(2)).rejects.toMatchObject({
      code: 'PROJECTION_STEP_FAILED',
      group: 'account#a',
      sequence: 2,
      message: expect.stringMatching(
        /^projection 'accounts' failed at event 2 of group 'account#a' \('com\.example\.account\.opened'\): .*owner/,
      ),
      cause: { code: 'EVENT_DATA_INVALID' },
    });
    expect(committed).toStrictEqual([1]);
  });

  it('names a tombstone if it cannot be stored', async () => {
    const refused = Object.assign(new Error('Item size has exceeded the maximum'), { name: 'ValidationException' });
    const place = { committedAt: 0 as EpochMs, expires: 0 as EpochSeconds, previousExpires: undefined };
    const { catchUp } = createBareProjector(accounts, {
      tombstones: [{ kind: 'tombstone', sequence: 1, ...place }],
      beforeCommit: () => {
        throw refused;
      },
    });

    await expect(catchUp(1)).rejects.toMatchObject({
      code: 'PROJECTION_STEP_FAILED',
      message:
        "projection 'accounts' failed at event 1 of group 'account#a' ('tombstone'): Item size has exceeded the maximum",
      cause: refused,
    });
  });
});

describe('an event that cannot be applied', () => {
  it('causes no unhandled rejection if the view already contains the event', async () => {
    const unheard: unknown[] = [];
    const listen = (reason: unknown) => unheard.push(reason);
    process.on('unhandledRejection', listen);
    onTestFinished(() => void process.off('unhandledRejection', listen));
    const { projection, mend, spoil } = createSuperstitious();
    const rig = createRig(projection);
    mend();
    const moved = await rig.publish(...moveA(13));
    await rig.handle(moved);
    spoil();

    expect(await rig.handle(moved)).toBe('duplicate');

    // Node.js tells of them before the next turn of its loop
    await setImmediate();
    expect(unheard).toStrictEqual([]);
  });
});

describe('a generation of a view', () => {
  it('stores the first and the last event that it contains of each group', async () => {
    const rig = createRig(accounts);
    await rig.publish(...moveA(1));
    const [second, third] = [await rig.publish(...moveA(2)), await rig.publish(...moveA(3))];

    await rig.handle(second);
    expect(await rig.state.position(1, GROUP)).toStrictEqual({ position: 2, since: 2 });
    await rig.handle(third);

    expect(await rig.state.position(1, GROUP)).toStrictEqual({ position: 3, since: 2 });
  });
});

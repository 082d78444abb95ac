import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../../lib/definitions/index.ts';
import type { RebuildStatus } from '../../../lib/projection/index.ts';
import { type Account, ALL, accounts, Closed, Moved, Opened, turnover, Viewed } from './accounts.ts';
import { createRig } from './rig.ts';
import { createSuperstitious } from './superstitious.ts';

type Step = 'open' | 'move' | 'close' | 'view';

const STEP = fc.constantFrom<Step>('open', 'move', 'move', 'close', 'view');

const TRAFFIC = fc.record({
  /** Per account: what happens to it, and how many events are in the log before any is handled. */
  accounts: fc.array(fc.record({ steps: fc.array(STEP, { maxLength: 8 }), before: fc.nat(8) }), {
    minLength: 1,
    maxLength: 4,
  }),
  /** What happens to each call, in turn: it is lost on its way there, or its answer is. */
  faults: fc.array(fc.constantFrom('none', 'none', 'none', 'none', 'lost', 'unanswered'), { maxLength: 60 }),
  /** Which of the events, in turn, two executions have at once, and which a stale one still has much later. */
  overlaps: fc.array(fc.constantFrom('none', 'two', 'stale'), { maxLength: 20 }),
  /** Which of the rebuilds' steps are cut off soon. */
  cuts: fc.array(fc.boolean(), { maxLength: 20 }),
  rebuilders: fc.integer({ min: 1, max: 2 }),
  /** One rebuild is given up first. */
  abort: fc.boolean(),
});

/** The account as the first so many of its events leave it. */
function folded(events: readonly CloudEvent[], upTo: number): Account | undefined {
  let item: Account | undefined;
  for (const event of events.filter(({ sequence }) => Number(sequence) <= upTo)) {
    const evolve = accounts.evolve[event.type];
    if (evolve !== undefined) item = evolve(item, event, { accountId: 'any' });
  }
  return item;
}

const ofGroup = (events: readonly CloudEvent[], accountId: string) =>
  events.filter(({ partitionkey }) => partitionkey === `account#${accountId}`);

describe('a rebuild under traffic', () => {
  it('builds the view that the log defines, while the old one serves, in any order of calls, crashes and duplicates', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), TRAFFIC, async (scheduler, traffic) => {
        const inTurn = createTurns(traffic);
        const rig = createRig(accounts, {
          around: (call) => scheduler.schedule(inTurn.fault(call)).then((go) => go()),
        });

        const live = Promise.all(
          traffic.accounts.map(async ({ steps, before }, index) => {
            const accountId = `a${index}`;
            const published: CloudEvent[] = [];
            const publishNext = async () => {
              const step = steps[published.length];
              if (step !== undefined) published.push(await publish(rig, step, accountId, published.length));
            };
            for (let count = 0; count < Math.min(before, steps.length); count++) await publishNext();
            const stale: Promise<unknown>[] = [];
            for (let place = 0; place < steps.length; place++) {
              await scheduler.schedule(Promise.resolve());
              if (published.length <= place) await publishNext();
              const event = published[place];
              if (event === undefined) continue;
              const overlap = inTurn.overlap();
              if (overlap !== 'none') stale.push(rig.handle(event).catch(() => undefined));
              await untilHandled(rig, event);
              if (overlap === 'two') await Promise.all(stale);
              await expectServed(rig, accountId, place + 1);
            }
            await Promise.all(stale);
          }),
        );
        const rebuilds = Array.from({ length: traffic.rebuilders }, () =>
          rebuildToEnd(rig, traffic, inTurn, scheduler),
        );
        await scheduler.waitFor(Promise.all([live, ...rebuilds]));

        const events = await rig.logged();
        for (const [index, { steps }] of traffic.accounts.entries()) {
          const viewed = await rig.reader.get({ accountId: `a${index}` });
          expect(viewed?.item).toStrictEqual(folded(ofGroup(events, `a${index}`), steps.length));
        }
        const taken = events.filter(({ type }) => type !== Viewed.type).length;
        expect((await rig.reader.get({ accountId: ALL }))?.item.state ?? 0).toBe(taken);
        expect((await rig.state.control()).serving.generation).toBeGreaterThan(1);
      }),
      { numRuns: 100 },
    );
  });

  it('misses no event of groups that failed temporarily in the new view, whatever arrives meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), TRAFFIC, async (scheduler, traffic) => {
        const inTurn = createTurns(traffic);
        const { projection, mend, spoil } = createSuperstitious();
        const rig = createRig(projection, {
          around: (call) => scheduler.schedule(inTurn.fault(call)).then((go) => go()),
        });
        mend();
        const begun = Promise.all(
          traffic.accounts.map(async (_, index) => {
            await untilHandled(rig, await rig.publish(Opened, { accountId: `a${index}`, owner: 'owner' }));
            await untilHandled(rig, await rig.publish(Moved, { accountId: `a${index}`, amount: 13 }));
          }),
        );
        await scheduler.waitFor(begun);
        spoil();

        const live = Promise.all(
          traffic.accounts.map(async ({ steps }, index) => {
            for (const _ of steps) {
              await scheduler.schedule(Promise.resolve());
              await untilHandled(rig, await rig.publish(Moved, { accountId: `a${index}`, amount: 1 }));
            }
          }),
        );
        const mending = (async () => {
          for (let turn = 0; turn < traffic.cuts.length; turn++) await scheduler.schedule(Promise.resolve());
          mend();
        })();
        await scheduler.waitFor(Promise.all([live, mending, rebuildToEnd(rig, traffic, inTurn, scheduler)]));

        for (const [index, { steps }] of traffic.accounts.entries()) {
          expect((await rig.reader.get({ accountId: `a${index}` }))?.item.state).toBe(13 + steps.length);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('never serves a generation in which a group failed, whatever calls are lost and whatever other groups succeed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), TRAFFIC, async (scheduler, traffic) => {
        const inTurn = createTurns(traffic);
        const { projection, mend, spoil } = createSuperstitious();
        const rig = createRig(projection, {
          around: (call) => scheduler.schedule(inTurn.fault(call)).then((go) => go()),
        });
        mend();
        const begun = Promise.all(
          traffic.accounts.map(async (_, index) => {
            await untilHandled(rig, await rig.publish(Opened, { accountId: `a${index}`, owner: 'owner' }));
            // the first account's events never go into a new view
            await untilHandled(rig, await rig.publish(Moved, { accountId: `a${index}`, amount: index === 0 ? 13 : 1 }));
          }),
        );
        await scheduler.waitFor(begun);
        spoil();

        const live = Promise.all(
          traffic.accounts.map(async ({ steps }, index) => {
            for (const _ of steps) {
              await scheduler.schedule(Promise.resolve());
              await untilHandled(rig, await rig.publish(Moved, { accountId: `a${index}`, amount: 1 }));
            }
          }),
        );
        const rebuilds = Array.from({ length: traffic.rebuilders }, () =>
          rebuildUntilBlocked(rig, inTurn, scheduler, traffic.cuts.length + 20),
        );
        await scheduler.waitFor(Promise.all([live, ...rebuilds]));

        expect((await rig.state.control()).serving.generation).toBe(1);
        for (const [index, { steps }] of traffic.accounts.entries()) {
          const { item } = (await rig.reader.get({ accountId: `a${index}` })) ?? {};
          expect(item?.state).toBe((index === 0 ? 13 : 1) + steps.length);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('misses no event if newer code repeatedly aborts the rebuild of older code', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), TRAFFIC, async (scheduler, traffic) => {
        const inTurn = createTurns(traffic);
        const around = <Result>(call: () => Promise<Result>) =>
          scheduler.schedule(inTurn.fault(call)).then((go) => go());
        const rig = createRig(accounts, { around });
        const newer = createRig({ ...accounts, version: 2 }, { around, memory: rig.memory });

        const live = Promise.all(
          traffic.accounts.map(async ({ steps }, index) => {
            for (const [place, step] of steps.entries()) {
              await scheduler.schedule(Promise.resolve());
              const event = await publish(rig, step, `a${index}`, place);
              await untilHandled(inTurn.overlap() === 'none' ? newer : rig, event);
            }
          }),
        );
        await scheduler.waitFor(Promise.all([live, rebuildToEnd(rig, traffic, inTurn, scheduler)]));

        const events = await rig.logged();
        for (const [index, { steps }] of traffic.accounts.entries()) {
          const viewed = await rig.reader.get({ accountId: `a${index}` });
          expect(viewed?.item).toStrictEqual(folded(ofGroup(events, `a${index}`), steps.length));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('counts every event once in sums shared by all groups', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), TRAFFIC, async (scheduler, traffic) => {
        const inTurn = createTurns(traffic);
        const rig = createRig(turnover, {
          around: (call) => scheduler.schedule(inTurn.fault(call)).then((go) => go()),
        });

        const live = Promise.all(
          traffic.accounts.map(async ({ steps }, index) => {
            for (const [place, step] of steps.entries()) {
              await scheduler.schedule(Promise.resolve());
              await untilHandled(rig, await publish(rig, step, `a${index}`, place));
            }
          }),
        );
        await scheduler.waitFor(Promise.all([live, rebuildToEnd(rig, traffic, inTurn, scheduler)]));

        const moved = traffic.accounts.flatMap(({ steps }) =>
          steps.flatMap((step, place) => (step === 'move' ? [place + 1] : [])),
        );
        const sums = await rig.reader.sums({ partition: 'GBP' });
        const expected = { movements: moved.length, amount: moved.reduce((sum, amount) => sum + amount, 0) };
        expect(sums.map(({ item }) => item)).toStrictEqual(
          moved.length === 0 ? [] : [{ currency: 'GBP', day: '2026-11-20', ...expected }],
        );
      }),
      { numRuns: 100 },
    );
  });
});

type Traffic = typeof TRAFFIC extends fc.Arbitrary<infer Value> ? Value : never;
type Rig = Pick<ReturnType<typeof createRig>, 'publish' | 'handle' | 'rebuild'>;

function createTurns({ faults, overlaps, cuts }: Traffic) {
  let calls = 0;
  let handled = 0;
  let advances = 0;
  return {
    /** What the call does when its turn comes. */
    fault: async <Result>(call: () => Promise<Result>) => {
      const fault = faults[calls++] ?? 'none';
      return async (): Promise<Result> => {
        if (fault === 'lost') throw new Error('the call was lost');
        const result = await call();
        if (fault === 'unanswered') throw new Error('the answer was lost');
        return result;
      };
    },
    overlap: () => overlaps[handled++] ?? 'none',
    isCut: () => cuts[advances++] ?? false,
  };
}

const publish = (rig: Pick<Rig, 'publish'>, step: Step, accountId: string, place: number): Promise<CloudEvent> => {
  switch (step) {
    case 'open':
      return rig.publish(Opened, { accountId, owner: 'owner' });
    case 'move':
      return rig.publish(Moved, { accountId, amount: place + 1 });
    case 'close':
      return rig.publish(Closed, { accountId });
    case 'view':
      return rig.publish(Viewed, { accountId });
  }
};

async function untilHandled(rig: Pick<Rig, 'handle'>, event: CloudEvent): Promise<void> {
  for (let attempt = 1; attempt <= 200; attempt++) {
    const done = await rig.handle(event).catch((error: unknown) => error);
    if (done === 'handled' || done === 'duplicate') return;
    if (attempt === 200) throw done;
  }
}

/** What serves holds the event that was just handled; it may be ahead, after a switch. */
async function expectServed(rig: ReturnType<typeof createRig<Account>>, accountId: string, handled: number) {
  const viewed = await rig.reader.get({ accountId });
  const events = ofGroup(await rig.logged(), accountId);
  const possible = Array.from({ length: events.length - handled + 1 }, (_, more) => folded(events, handled + more));
  expect(possible).toContainEqual(viewed?.item);
}

/** Tries so many times to let the new generation serve, though some groups cannot be brought into it. */
async function rebuildUntilBlocked(
  { rebuild }: Pick<Rig, 'rebuild'>,
  { isCut }: ReturnType<typeof createTurns>,
  scheduler: fc.Scheduler,
  rounds: number,
): Promise<void> {
  const attempt = async (step: () => Promise<RebuildStatus>) => step().catch(() => undefined);
  await attempt(() => rebuild.start({ acceptHorizon: false }));
  for (let round = 0; round < rounds; round++) {
    const controller = new AbortController();
    if (isCut()) void scheduler.schedule(Promise.resolve()).then(() => controller.abort());
    const status = await attempt(() => rebuild.advance({ acceptFailed: false }, controller.signal));
    if (status === undefined) await attempt(() => rebuild.start({ acceptHorizon: false }));
    if (status?.job?.phase === 'done') return;
  }
}

async function rebuildToEnd(
  { rebuild }: Pick<Rig, 'rebuild'>,
  { abort }: Traffic,
  { isCut }: ReturnType<typeof createTurns>,
  scheduler: fc.Scheduler,
): Promise<void> {
  const attempt = async (step: () => Promise<RebuildStatus>) => step().catch(() => undefined);
  let toAbort = abort;
  for (let round = 0; round < 500; round++) {
    const { job } = (await attempt(() => rebuild.status())) ?? {};
    if (job?.phase === 'done' && job.outcome === 'switched') return;
    if (job === undefined || job.phase === 'done') {
      await attempt(() => rebuild.start({ acceptHorizon: false }));
      continue;
    }
    if (toAbort) {
      await attempt(() => rebuild.abort());
      toAbort = false;
    }
    const controller = new AbortController();
    if (isCut()) void scheduler.schedule(Promise.resolve()).then(() => controller.abort());
    await attempt(() => rebuild.advance({ acceptFailed: false }, controller.signal));
  }
  throw new Error('the rebuild comes to no end');
}

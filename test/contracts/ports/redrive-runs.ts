import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RedriveItem, RedriveRun, RedriveRuns, RunLease } from '../../../lib/operations/index.ts';
import { addMs, type EpochMs } from '../../../lib/shared/time.ts';

export interface RunsSubject {
  readonly runs: RedriveRuns;
  close(): Promise<void>;
}

const T0 = 1_795_154_400_000 as EpochMs;

const KIND = { fingerprint: '48d9d94b4f8c', code: 'Error', pattern: "card '…' refused" } as const;

const itemOf = (number: number, more: Partial<RedriveItem> = {}): RedriveItem => ({
  subject: `event-${number}`,
  source: '/accounts',
  type: 'com.example.account.deposited',
  group: `account#${number}`,
  sequence: 1,
  holdsGroup: true,
  outcome: 'open',
  ...KIND,
  ...more,
});

export const redriveItems = (count: number): readonly RedriveItem[] =>
  Array.from({ length: count }, (_, at) => itemOf(at + 1));

const runOf = (id: string, more: Partial<RedriveRun> = {}): RedriveRun => ({
  id,
  consumer: 'billing',
  filter: { fingerprint: KIND.fingerprint },
  by: 'ann',
  reason: 'fixed',
  at: T0,
  terms: { stages: [1, 2], eventsPerSecond: 10, maxFailedRatio: 0.1, patienceMs: 60_000 },
  status: 'running',
  total: 250,
  leftOut: { retried: 3 },
  stage: 0,
  stageFrom: 0,
  tally: {
    outcomes: { open: 250, sending: 0, waiting: 0, handled: 0, skipped: 0, failed: 0, 'no-op': 0 },
    noOps: {},
    failures: [{ ...KIND, count: 1, asBefore: 1 }],
  },
  history: [{ what: 'started', at: T0, by: 'ann', reason: 'fixed' }],
  ...more,
});

export const REDRIVE_RUN = runOf('20261120-060000-kfxr');

const DRIVER = { name: 'ann@desk', until: addMs(T0, 60_000) };

/** What all RedriveRuns must do. */
export function describeRedriveRuns(adapter: string, create: () => Promise<RunsSubject>): void {
  describe(`RedriveRuns contract: ${adapter}`, () => {
    let subject: RunsSubject;
    let runs: RedriveRuns;
    beforeEach(async () => {
      subject = await create();
      ({ runs } = subject);
    });
    afterEach(() => subject.close());

    const start = async (run: RedriveRun, items = redriveItems(1)) =>
      runs.create(run, items, await runs.active(run.consumer));

    /** A run that is driven. */
    const drive = async (run: RedriveRun, items = redriveItems(1)): Promise<RunLease> => {
      await start(run, items);
      const lease = await runs.take(run, DRIVER, T0);
      if (typeof lease !== 'object') throw new Error(lease);
      return lease;
    };

    it('keep a run and its events, in chunks and in order', async () => {
      const items = [
        itemOf(0, { failedBefore: T0, noOp: 'gone', outcome: 'no-op', failure: KIND }),
        ...redriveItems(249),
      ];

      expect(await start(runOf('r1'), items)).toBe('created');

      expect(await runs.find('r1')).toStrictEqual({ run: runOf('r1'), driver: undefined, stopRequest: undefined });
      const chunks = await runs.items('r1');
      expect(chunks.map(({ length }) => length)).toStrictEqual([100, 100, 50]);
      expect(chunks.flat()).toStrictEqual(items);
      expect(await runs.active('billing')).toMatchObject({ ids: ['r1'] });
      expect(await runs.active('shipping')).toStrictEqual({ ids: [], revision: 0 });
    });

    it('know nothing of other runs', async () => {
      expect(await runs.find('r9')).toBeUndefined();
      expect(await runs.items('r9')).toStrictEqual([]);
    });

    it('refuse a run if another one of the consumer began since the active runs were read, or has the id', async () => {
      const before = await runs.active('billing');
      await start(runOf('r1'));

      expect(await runs.create(runOf('r2'), redriveItems(1), before)).toBe('conflict');
      expect(await start(runOf('r1'))).toBe('conflict');

      expect(await runs.find('r2')).toBeUndefined();
      expect(await runs.create(runOf('r3'), redriveItems(1), await runs.active('billing'))).toBe('created');
      expect((await runs.active('billing')).ids.toSorted()).toStrictEqual(['r1', 'r3']);
    });

    it('list the latest first', async () => {
      for (const id of ['20261120-1', '20261120-3', '20261120-2']) await start(runOf(id));

      expect((await runs.list(2)).map(({ run }) => run.id)).toStrictEqual(['20261120-3', '20261120-2']);
    });

    it('give a run to one driver at a time, until its time is over', async () => {
      const first = await drive(runOf('r1'));
      const other = { name: 'bob@desk', until: addMs(T0, 120_001) };

      expect(await runs.take(runOf('r1'), other, DRIVER.until)).toBe('driven');
      const second = await runs.take(runOf('r1'), other, addMs(DRIVER.until, 1));

      expect(second).toMatchObject({ runId: 'r1' });
      expect((second as RunLease).fence).toBeGreaterThan(first.fence);
      expect(await runs.find('r1')).toMatchObject({ driver: other });
    });

    it('store what the driver changes, and nothing once another one has the run', async () => {
      const lease = await drive(runOf('r1'), redriveItems(150));
      const sent = Array.from({ length: 50 }, (_, at) => itemOf(at + 101, { outcome: 'waiting' }));
      const next = runOf('r1', { stage: 1, stageFrom: 1 });

      expect(await runs.save(lease, { run: next, chunks: new Map([[1, sent]]) }, DRIVER)).toStrictEqual({
        stopRequest: undefined,
      });
      await runs.take(next, DRIVER, addMs(DRIVER.until, 1));
      const late = { run: runOf('r1', { stage: 7 }), chunks: new Map([[0, sent]]) };
      expect(await runs.save(lease, late, DRIVER)).toBe('lost');
      expect(await runs.release(lease, late)).toBe('lost');
      expect(await runs.end(lease, late)).toBe('lost');

      expect((await runs.find('r1'))?.run).toStrictEqual(next);
      const [first, second] = await runs.items('r1');
      expect([first?.[0]?.outcome, second?.[0]?.outcome, second?.length]).toStrictEqual(['open', 'waiting', 50]);
      expect((await runs.active('billing')).ids).toStrictEqual(['r1']);
    });

    it('tell the driver of a request to stop, which the next driver does not see', async () => {
      const lease = await drive(runOf('r1'));
      const request = { by: 'bob', reason: 'wrong fix', at: T0 };

      expect(await runs.requestStop('r1', request)).toBe('requested');
      expect(await runs.save(lease, { run: runOf('r1') }, DRIVER)).toStrictEqual({ stopRequest: request });
      expect(await runs.find('r1')).toMatchObject({ stopRequest: request });

      await runs.take(runOf('r1'), DRIVER, addMs(DRIVER.until, 1));
      expect(await runs.find('r1')).toMatchObject({ stopRequest: undefined });
    });

    it('let a run go, which anybody may take at once', async () => {
      const lease = await drive(runOf('r1'));

      expect(await runs.release(lease, { run: runOf('r1', { stage: 1 }) })).toBe('released');

      expect(await runs.find('r1')).toMatchObject({ run: { stage: 1 }, driver: undefined });
      expect(await runs.take(runOf('r1'), DRIVER, T0)).toMatchObject({ runId: 'r1' });
      expect((await runs.active('billing')).ids).toStrictEqual(['r1']);
    });

    it('end a run, which is not active any more, until somebody takes it again', async () => {
      const lease = await drive(runOf('r1'));
      const stopped = runOf('r1', { status: 'stopped' });

      expect(await runs.end(lease, { run: stopped })).toBe('ended');

      expect(await runs.find('r1')).toStrictEqual({ run: stopped, driver: undefined, stopRequest: undefined });
      const active = await runs.active('billing');
      expect(active.ids).toStrictEqual([]);
      expect(await runs.requestStop('r1', { by: 'bob', reason: undefined, at: T0 })).toBe('ended');
      await start(runOf('r2'));
      expect(await runs.take(runOf('r1'), DRIVER, T0, active)).toBe('conflict');
      expect(await runs.take(runOf('r1'), DRIVER, T0, await runs.active('billing'))).toMatchObject({ runId: 'r1' });
      expect((await runs.active('billing')).ids.toSorted()).toStrictEqual(['r1', 'r2']);
    });
  });
}

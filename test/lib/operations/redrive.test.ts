import { describe, expect, it } from 'vitest';
import { resumeRedrive, snapshot, startRedrive, stopRedrive } from '../../../lib/operations/index.ts';
import { createRedriveRig } from './redrive-rig.ts';
import { T0 } from './rig.ts';

const DONE = { open: 0, sending: 0, waiting: 0, failed: 0, skipped: 0, 'no-op': 0 };

describe('a redrive', () => {
  it('sends in stages, each after the events of the one before were handled, and reports', async () => {
    const rig = await createRedriveRig(10);
    const stages: string[] = [];
    const { id } = await rig.start({ stages: [1, 2, 5] });

    const result = await resumeRedrive(rig.deps, id, undefined, {
      driver: 'ann@desk',
      signal: new AbortController().signal,
      onProgress: ({ stage, tally }) => stages.push(`${stage}: ${tally.outcomes.handled}`),
    });

    expect(result).toMatchObject({
      kind: 'ended',
      run: {
        status: 'finished',
        reason: 'fixed',
        tally: { outcomes: { ...DONE, handled: 10 }, failures: [] },
        tidied: { kind: 'tidied', deleted: 10, left: 0 },
        history: [{ what: 'started', by: 'ann', at: T0 }, { what: 'finished' }],
      },
    });
    expect(rig.sent).toStrictEqual(rig.ids);
    expect([...new Set(stages)]).toStrictEqual([
      '0: 0',
      '0: 1',
      '1: 1',
      '1: 3',
      '2: 3',
      '2: 8',
      '3: 8',
      '3: 10',
      '4: 10',
    ]);
    expect((await rig.runs.active('billing')).ids).toStrictEqual([]);
    expect(await rig.runs.find(id)).toMatchObject({ driver: undefined, run: { status: 'finished' } });
  });

  it('waits for the events of a stage before it sends the next ones', async () => {
    const rig = await createRedriveRig(3);
    const { id } = await rig.start({ stages: [1] });
    rig.behave(() => 'lose');
    rig.whenSleeping(async () => {
      if (rig.clock.now() < T0 + 60_000 || rig.sent.length > 1) return;
      rig.behave(() => 'handle');
      await rig.deps.queue.resend('account#1', JSON.stringify({ id: rig.ids[0], sequence: '1' }));
    });

    const result = await rig.drive(id);

    expect(result).toMatchObject({ kind: 'ended', run: { status: 'finished', tally: { outcomes: { handled: 3 } } } });
    expect(rig.sent).toStrictEqual([rig.ids[0], ...rig.ids]);
    expect(rig.clock.now()).toBeGreaterThan(T0 + 60_000);
  });

  it('keeps to its rate', async () => {
    const rig = await createRedriveRig(5);
    const { id } = await rig.start({ stages: [], eventsPerSecond: 2 });

    await rig.drive(id);

    expect(rig.slept.slice(0, 5)).toStrictEqual([500, 500, 500, 500, 500]);
  });

  it('stops by itself when too many fail again for one cause, and names it', async () => {
    const rig = await createRedriveRig(30);
    const { id } = await rig.start({ stages: [2, 5] });
    rig.behave((eventId) => (eventId === rig.ids[4] ? { fails: "card '99' refused" } : 'handle'));

    const result = await rig.drive(id);

    expect(result).toMatchObject({
      kind: 'ended',
      run: {
        status: 'stopped',
        stop: { kind: 'failing', fingerprint: '48d9d94b4f8c', pattern: "card '…' refused", failed: 1, settled: 5 },
        tally: {
          outcomes: { handled: 6, failed: 1, open: 23 },
          failures: [{ fingerprint: '48d9d94b4f8c', count: 1, asBefore: 1 }],
        },
        history: [{}, { what: 'stopped' }],
      },
    });
    expect(rig.sent).toHaveLength(7);
  });

  it('goes on when no more than the given share fails', async () => {
    const rig = await createRedriveRig(30);
    const { id } = await rig.start({ stages: [10, 10], maxFailedRatio: 0.1 });
    rig.behave((eventId) => (eventId === rig.ids[4] ? { fails: 'no' } : 'handle'));

    expect(await rig.drive(id)).toMatchObject({
      run: { status: 'finished', tally: { outcomes: { handled: 29, failed: 1 }, failures: [{ asBefore: 0 }] } },
    });
  });

  it('stops in the middle of a large stage, too', async () => {
    const rig = await createRedriveRig(300);
    const { id } = await rig.start({ stages: [] });
    rig.behave(() => ({ fails: 'no' }));

    expect(await rig.drive(id)).toMatchObject({ run: { status: 'stopped', tally: { outcomes: { open: 200 } } } });
  });

  it('counts another cause only when the event is a dead letter again', async () => {
    const rig = await createRedriveRig(1);
    const { id } = await rig.start();
    const [eventId = ''] = rig.ids;
    rig.behave(() => ({ fails: 'gateway away', state: 'retrying' }));
    let polls = 0;
    rig.whenSleeping(async () => {
      polls += 1;
      if (polls !== 30) return;
      rig.behave(() => 'handle');
      await rig.deps.queue.resend('account#1', JSON.stringify({ id: eventId, sequence: '1' }));
    });

    expect(await rig.drive(id)).toMatchObject({ run: { status: 'finished', tally: { outcomes: { handled: 1 } } } });
  });

  it('counts an event that a later attempt handled as handled', async () => {
    const rig = await createRedriveRig(25);
    const { id } = await rig.start({ stages: [20] });
    const [eventId = ''] = rig.ids;
    const tallies: number[] = [];
    rig.behave((sent) => (sent === eventId ? { fails: "card '1' refused", state: 'retrying' } : 'handle'));
    rig.whenSleeping(async () => {
      if (rig.sent.length !== 22) return;
      rig.behave(() => 'handle');
      await rig.deps.queue.resend('account#1', JSON.stringify({ id: eventId, sequence: '1' }));
    });

    await resumeRedrive(rig.deps, id, undefined, {
      driver: 'ann',
      signal: new AbortController().signal,
      onProgress: ({ tally }) => tallies.push(tally.outcomes.failed),
    });

    expect(tallies).toContain(1);
    expect(await rig.run(id)).toMatchObject({ status: 'finished', tally: { outcomes: { handled: 25, failed: 0 } } });
  });

  it('stops when nothing happens to what it waits for, and waits for it again when it is resumed', async () => {
    const rig = await createRedriveRig(4);
    const { id } = await rig.start({ stages: [1], patienceMs: 30_000 });
    rig.behave(() => 'lose');

    expect(await rig.drive(id)).toMatchObject({
      run: { status: 'stopped', stop: { kind: 'unsettled', waiting: 1 }, tally: { outcomes: { waiting: 1, open: 3 } } },
    });
    rig.behave(() => 'handle');
    rig.whenSleeping(() => rig.deps.queue.resend('account#1', JSON.stringify({ id: rig.ids[0], sequence: '1' })));
    const resumed = await resumeRedrive(
      rig.deps,
      id,
      { by: 'bob', reason: 'queue is back' },
      { driver: 'bob@desk', signal: new AbortController().signal },
    );

    expect(resumed).toMatchObject({
      run: {
        status: 'finished',
        stop: undefined,
        tally: { outcomes: { handled: 4 } },
        history: [
          {},
          { what: 'stopped' },
          { what: 'resumed', by: 'bob', reason: 'queue is back' },
          { what: 'finished' },
        ],
      },
    });
  });

  it('begins with its smallest stage again when it is resumed after failures, and sends what failed no more', async () => {
    const rig = await createRedriveRig(12);
    const { id } = await rig.start({ stages: [2, 3], maxFailedRatio: 0.5 });
    rig.behave((eventId) => (rig.ids.indexOf(eventId) < 2 ? 'handle' : { fails: 'no' }));
    await rig.drive(id);
    rig.behave(() => 'handle');
    const before = rig.sent.length;

    const stages: number[] = [];
    await resumeRedrive(
      rig.deps,
      id,
      { by: 'ann', reason: undefined },
      { driver: 'a', signal: new AbortController().signal, onProgress: ({ stageFrom }) => stages.push(stageFrom) },
    );

    expect([...new Set(stages)]).toStrictEqual([5, 7, 10, 12]);
    expect(rig.sent.slice(before)).toStrictEqual(rig.ids.slice(5));
    expect(await rig.run(id)).toMatchObject({ status: 'finished', tally: { outcomes: { handled: 9, failed: 3 } } });
  });

  it('does not sweep along what fails later', async () => {
    const rig = await createRedriveRig(2);
    const { id } = await rig.start();
    const later = await rig.hold('later');

    await rig.drive(id);

    expect(rig.sent).not.toContain(later);
  });

  it('leaves alone what needs nothing any more when its turn comes, and says why', async () => {
    const rig = await createRedriveRig(5);
    const { id } = await rig.start();
    await rig.handle({ source: '/accounts', id: rig.ids[0] ?? '' });
    await rig.place('account#2', { processed: 1, seen: 1 });
    await rig.place('account#3', { seen: 1, paused: { since: T0, by: 'bob', reason: 'disputed' } });
    await rig.notes.resolve(rig.ids[3] ?? '');
    await rig.place('account#4', { processed: 1, seen: 1 });

    await rig.drive(id);

    expect(await rig.run(id)).toMatchObject({
      tally: { outcomes: { handled: 1, 'no-op': 4 }, noOps: { handled: 3, paused: 1 } },
    });
    expect(rig.sent).toStrictEqual([rig.ids[4]]);
  });

  it('tells of an event that an operator skipped meanwhile', async () => {
    const rig = await createRedriveRig(1);
    const { id } = await rig.start();
    rig.behave(() => 'lose');
    rig.whenSleeping(async () => {
      const cursor = await rig.cursor('account#1');
      if (cursor?.processed !== 0) return;
      const record = {
        ...{ consumer: 'billing', group: 'account#1', sequence: 1, eventId: rig.ids[0], eventType: 't', by: 'bob' },
        ...{ reason: 'closed', at: T0, waitedSince: T0, failure: { code: 'E', message: 'm' }, generation: 0 },
      };
      const past = { ...cursor, processed: 1, blockedBy: undefined };
      await rig.skips.commit(rig.cursors.change('account#1', cursor, past), record);
    });

    expect(await rig.drive(id)).toMatchObject({ run: { status: 'finished', tally: { outcomes: { skipped: 1 } } } });
  });

  it('ends although the copies in the DLQ cannot be deleted', async () => {
    const rig = await createRedriveRig(1);
    const { id } = await rig.start();
    const tidy = async () => {
      throw new Error('access denied');
    };

    const result = await resumeRedrive({ ...rig.deps, tidy }, id, undefined, {
      driver: 'ann',
      signal: new AbortController().signal,
    });

    expect(result).toMatchObject({
      run: { status: 'finished', tidied: { kind: 'failed', problem: expect.any(String) } },
    });
  });
});

describe('a redrive whose driver dies', () => {
  it('is continued by another process, which sends again only what the first was sending', async () => {
    const rig = await createRedriveRig(30);
    const { id } = await rig.start({ stages: [10] });
    let sends = 0;
    const died = new Error('killed');
    const mortal = {
      resend: async (...args: Parameters<typeof rig.deps.queue.resend>) => {
        if (++sends > 15) throw died;
        await rig.deps.queue.resend(...args);
      },
    };
    const runs = {
      ...rig.runs,
      release: async () => {
        throw new Error('dead');
      },
    };
    await expect(
      resumeRedrive({ ...rig.deps, runs, queue: mortal }, id, undefined, {
        driver: 'first',
        signal: new AbortController().signal,
      }),
    ).rejects.toBe(died);

    expect(await rig.drive(id)).toMatchObject({ kind: 'driven', driver: { name: 'first' } });
    rig.clock.advance(61_000);
    expect(await rig.drive(id)).toMatchObject({ kind: 'ended', run: { tally: { outcomes: { handled: 30 } } } });

    expect(rig.sent.toSorted()).toStrictEqual(rig.ids.toSorted());
  });

  it('sends and stores nothing more once another process has it', async () => {
    const rig = await createRedriveRig(30);
    const { id } = await rig.start({ stages: [1, 5] });
    let second: Promise<unknown> | undefined;
    rig.behave((eventId) => {
      // the first driver is very slow here
      if (eventId !== rig.ids[5] || second !== undefined) return 'handle';
      rig.clock.advance(120_000);
      second = rig.drive(id);
      return 'handle';
    });

    const first = await rig.drive(id);
    await second;

    expect(first).toStrictEqual({ kind: 'lost' });
    expect(await rig.run(id)).toMatchObject({ status: 'finished', tally: { outcomes: { handled: 30 } } });
  });

  it('goes on when it was interrupted', async () => {
    const rig = await createRedriveRig(12);
    const { id } = await rig.start({ stages: [5] });
    const controller = new AbortController();
    rig.behave((eventId) => {
      if (eventId === rig.ids[3]) controller.abort();
      return 'handle';
    });

    expect(await rig.drive(id, controller.signal)).toMatchObject({ kind: 'interrupted', run: { status: 'running' } });
    expect(rig.sent).toHaveLength(5);
    expect(await rig.drive(id)).toMatchObject({ run: { status: 'finished', tally: { outcomes: { handled: 12 } } } });
    expect(rig.sent).toHaveLength(12);
  });
});

describe('startRedrive', () => {
  it('leaves out the events of another run that has not ended', async () => {
    const rig = await createRedriveRig(3);
    await rig.start();
    await rig.hold('new');

    const again = await startRedrive(rig.deps, await snapshot(rig.deps, {}), {
      filter: {},
      terms: { stages: [], eventsPerSecond: 10, maxFailedRatio: 0, patienceMs: 1 },
      by: 'bob',
      reason: 'me too',
    });

    expect(again).toMatchObject({ kind: 'started', run: { total: 1, leftOut: { 'in-another-run': 3 } } });
  });

  it('leaves them out, too, if the other run begins at the same moment', async () => {
    const rig = await createRedriveRig(3);
    let isFirst = true;
    const runs: typeof rig.runs = {
      ...rig.runs,
      async create(...args) {
        if (isFirst) {
          isFirst = false;
          await rig.start();
        }
        return rig.runs.create(...args);
      },
    };

    const late = await startRedrive({ ...rig.deps, runs, random: () => 0.9 }, await snapshot(rig.deps, {}), {
      filter: {},
      terms: { stages: [], eventsPerSecond: 10, maxFailedRatio: 0, patienceMs: 1 },
      by: 'bob',
      reason: 'me too',
    });

    expect(late).toStrictEqual({ kind: 'nothing', leftOut: { 'in-another-run': 3 } });
  });

  it('makes no run for a paused consumer', async () => {
    const rig = await createRedriveRig(1);
    await rig.pauseStore.begin({ since: T0, by: 'bob', reason: 'bank is down' });

    expect(
      await startRedrive(rig.deps, await snapshot(rig.deps, {}), {
        filter: {},
        terms: { stages: [], eventsPerSecond: 10, maxFailedRatio: 0, patienceMs: 1 },
        by: 'ann',
        reason: 'fixed',
      }),
    ).toMatchObject({ kind: 'paused', pause: { by: 'bob' } });
    expect(await rig.runs.list(10)).toStrictEqual([]);
  });
});

describe('stopRedrive', () => {
  it('asks the driver, which stops before it sends more', async () => {
    const rig = await createRedriveRig(12);
    const { id } = await rig.start({ stages: [5] });
    let stopping: Promise<unknown> | undefined;
    rig.behave((eventId) => {
      if (eventId === rig.ids[3]) stopping = stopRedrive(rig.deps, id, { by: 'bob', reason: 'wrong fix' });
      return 'handle';
    });

    expect(await rig.drive(id)).toMatchObject({
      run: {
        status: 'stopped',
        stop: { kind: 'asked', by: 'bob', reason: 'wrong fix' },
        tally: { outcomes: { handled: 5, open: 7 } },
        history: [{}, { what: 'stopped', by: 'bob', reason: 'wrong fix' }],
      },
    });
    expect(await stopping).toMatchObject({ kind: 'requested', driver: { name: 'ann@desk' } });
  });

  it('stops a run itself if nobody drives it', async () => {
    const rig = await createRedriveRig(2);
    const { id } = await rig.start();

    expect(await stopRedrive(rig.deps, id, { by: 'bob', reason: undefined })).toMatchObject({
      kind: 'stopped',
      run: { status: 'stopped', tally: { outcomes: { open: 2 } } },
    });
    expect(await stopRedrive(rig.deps, id, { by: 'bob', reason: undefined })).toMatchObject({ kind: 'over' });
    expect(await stopRedrive(rig.deps, 'none', { by: 'bob', reason: undefined })).toStrictEqual({ kind: 'unknown' });
    expect((await rig.runs.active('billing')).ids).toStrictEqual([]);
  });

  it('frees the events for another run, and the stopped run leaves them to it when it is resumed', async () => {
    const rig = await createRedriveRig(3);
    const { id } = await rig.start();
    await stopRedrive(rig.deps, id, { by: 'bob', reason: undefined });
    const other = await rig.start();
    expect(other.total).toBe(3);

    await rig.drive(id);

    expect(await rig.run(id)).toMatchObject({ status: 'finished', tally: { noOps: { 'in-another-run': 3 } } });
    expect(rig.sent).toStrictEqual([]);
  });
});

import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../cli/command-line.ts';
import { type RedriveOptions, redrive } from '../../cli/commands/redrive.ts';
import { createInMemoryRedriveRuns } from '../../lib/testing/in-memory-redrive-runs.ts';
import { blockedBy, noteOf } from '../lib/operations/rig.ts';
import { createOperation, type OperationOptions } from './operation-under-test.ts';

const TYPE = 'com.example.account.deposited';

const read = (line: string): RedriveOptions => {
  const command = readCommandLine(line.split(' '));
  if (command.kind !== 'action') throw new Error('no action');
  return command.action.options as RedriveOptions;
};

const problemOf = (line: string): string => {
  try {
    read(line);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

const START = 'redrive start --consumer billing --reason fixed --yes --stages 1,2';

/** Three dead letters of `billing`, and a consumer that handles, or fails, what is sent to it. */
async function createFailing(options: OperationOptions & { readonly fails?: string } = {}) {
  const under = createOperation(options);
  const { rig } = under;
  const sent: string[] = [];
  let fails = options.fails;
  const placeOf = (group: string) => ({ event: { source: '/accounts', type: TYPE, group, sequence: 1 } });
  for (const account of ['7', '8', '9', '10']) {
    const group = `account#${account}`;
    const [id = ''] = await rig.deposit(account);
    await rig.place(group, { seen: 3, blockedBy: blockedBy(1) });
    await rig.notes.record({ ...noteOf(id, "card '12' refused"), ...placeOf(group) });
  }
  const consumer = {
    ...under.operation.consumer('billing'),
    queue: {
      ...rig.queue,
      resend: async (group: string, body: string) => {
        const { id } = JSON.parse(body);
        sent.push(id);
        rig.clock.advance(1_000);
        if (fails !== undefined) {
          await rig.notes.record({ ...noteOf(id, fails), ...placeOf(group) });
          return;
        }
        await rig.handle({ source: '/accounts', id });
        await rig.place(group, { processed: 1, seen: 3 });
        rig.undeliverable.put(body);
      },
    },
  };
  const operation = {
    ...under.operation,
    consumer: () => consumer,
    sleep: async (ms: number) => void rig.clock.advance(ms),
  };
  const fix = () => {
    fails = undefined;
  };
  return { ...under, operation, sent, fix };
}

/** Ids of runs are random. */
const unmarked = (lines: readonly string[]) => lines.map((line) => line.replace(/\d{8}-\d{6}-[a-z]{4}/g, 'RUN'));

describe('redrive', () => {
  it('plans, and changes nothing', async () => {
    const { operation, out, sent } = await createFailing();

    expect(await redrive(read('redrive plan --consumer billing --type a.b'), operation)).toBe(0);
    expect(await redrive(read('redrive plan --consumer billing --rate 0.5'), operation)).toBe(0);

    expect(out).toStrictEqual([
      'consumer  billing',
      'match     0',
      'can go    0',
      'consumer  billing',
      'match     4',
      'can go    4; 8 later places of their groups follow by themselves',
      "          4  Error: card '…' refused (48d9d94b4f8c)",
      'stages    1, 2, 1',
      'stops     above 10 % of a stage that fails again for one cause',
      'takes     8 s for sending, 0.5 per second; each stage waits for its outcome',
      'costs     about 0.000038 USD',
    ]);
    expect(sent).toStrictEqual([]);
    expect(await operation.runs().list(1)).toStrictEqual([]);
  });

  it('sends what matches in stages, and reports', async () => {
    const { operation, out, notes } = await createFailing();

    expect(await redrive(read(START), operation)).toBe(0);

    expect(unmarked(notes).slice(8)).toStrictEqual([
      'run RUN of 4 events: see it with redrive watch, end it with redrive stop',
      'stage 1, up to event 1 of 4: 1 handled, 3 not sent',
      'stage 2, up to event 3 of 4: 3 handled, 1 not sent',
      'stage 3, up to event 4 of 4: 4 handled',
    ]);
    expect(unmarked(out)).toStrictEqual([
      'run       RUN',
      'consumer  billing, everything that fails',
      'status    finished',
      'events    4: 4 handled',
      'DLQ       4 copies of handled events were deleted, 0 messages are left',
      'history   2026-11-20 06:00:00Z started by ann@desk: fixed',
      expect.stringMatching(/^ {10}2026-11-20 06:00:\d\dZ finished by ann@desk$/),
    ]);
  });

  it('ends with another status when the run stops by itself, which show and list tell, too', async () => {
    const { operation, out, fix } = await createFailing({ fails: "card '99' refused" });

    expect(await redrive(read(START), operation)).toBe(4);
    const [{ run: { id } = { id: '' } } = {}] = await operation.runs().list(1);
    out.length = 0;
    expect(await redrive({ verb: 'show', id }, operation)).toBe(0);
    await redrive(read('redrive list'), operation);

    expect(unmarked(out)).toStrictEqual([
      'run       RUN',
      'consumer  billing, everything that fails',
      "status    stopped: 1 of 1 events of the stage failed again: Error: card '…' refused (48d9d94b4f8c)",
      'events    4: 1 failed again, 3 not sent',
      "failed    1  Error: card '…' refused (48d9d94b4f8c), 1 as before",
      'DLQ       0 copies of handled events were deleted, 0 messages are left',
      'history   2026-11-20 06:00:00Z started by ann@desk: fixed',
      '          2026-11-20 06:00:01Z stopped by ann@desk',
      'RUN                   CONSUMER  STATUS   EVENTS  HANDLED  FAILED  WAITING  NOT SENT  SINCE  BY        REASON',
      'RUN  billing   stopped  4       0        1       0        3         1 s    ann@desk  fixed',
    ]);

    fix();
    expect(await redrive({ verb: 'resume', id, by: 'bob', reason: 'fixed again' }, operation)).toBe(4);
    expect(await operation.runs().find(id)).toMatchObject({
      run: { status: 'finished', tally: { outcomes: { handled: 3, failed: 1 } } },
    });
  });

  it('answers one line of JSON', async () => {
    const { operation, out } = await createFailing({ json: true });

    await redrive(read('redrive plan --consumer billing'), operation);
    await redrive(read(START), operation);
    await redrive(read('redrive list'), operation);

    expect(out.map((line) => JSON.parse(line))).toMatchObject([
      { environment: 'dev', consumer: 'billing', matched: 4, canGo: 4, stages: [1, 2, 1] },
      { status: 'finished', at: '2026-11-20T06:00:00.000Z', tally: { outcomes: { handled: 4 } } },
      { environment: 'dev', runs: [{ status: 'finished' }] },
    ]);
  });

  it('asks before it sends, and needs --yes without a terminal', async () => {
    const no = await createFailing({ answer: false });
    const silent = await createFailing();
    const start = read('redrive start --consumer billing --reason fixed');

    expect(await redrive(start, no.operation)).toBe(1);
    expect(no.notes.slice(-2)).toStrictEqual(["Send 4 events to 'billing' again?", 'nothing was done']);
    await expect(redrive(start, silent.operation)).rejects.toMatchObject({ code: 'OPS_USAGE' });
    expect([...no.sent, ...silent.sent]).toStrictEqual([]);
  });

  it('says why nothing can go, and that a paused consumer would handle nothing', async () => {
    const { operation, notes, rig } = await createFailing();
    await rig.place('account#8', { seen: 1, blockedBy: blockedBy(1, { state: 'retrying' }) });

    expect(await redrive(read(`${START} --group account#8`), operation)).toBe(1);
    expect(notes.at(-1)).toBe("nothing was done: no event of 'billing' can go: 1 are retried by themselves");
    await rig.pauseStore.begin({ since: rig.clock.now(), by: 'bob', reason: 'bank is down' });
    expect(await redrive(read(START), operation)).toBe(1);
    expect(notes.at(-1)).toBe(
      "nothing was done: 'billing' is paused by bob (bank is down) and would handle nothing; resume it first",
    );
  });

  it('can be watched by another person until it ends, and be stopped', async () => {
    const { operation, out, notes, rig } = await createFailing();
    const runs = createInMemoryRedriveRuns();
    const other = { ...operation, runs: () => runs };
    await redrive(read(START), {
      ...other,
      sleep: async () => {
        throw new Error('killed');
      },
    }).catch(() => undefined);
    const [{ run: { id } = { id: '' } } = {}] = await runs.list(1);
    out.length = 0;
    notes.length = 0;
    let polls = 0;
    const sleep = async () => {
      if (++polls === 2) await redrive({ verb: 'stop', id, by: 'bob', reason: 'wrong' }, other);
    };

    expect(await redrive({ verb: 'watch', id }, { ...other, sleep })).toBe(4);

    expect(unmarked(notes)).toStrictEqual(['nobody drives run RUN: continue it with redrive resume RUN']);
    expect(unmarked(out).slice(0, 4)).toStrictEqual([
      'run       RUN',
      'consumer  billing, everything that fails',
      'status    stopped: by bob: wrong',
      expect.stringContaining('not sent'),
    ]);
    expect(await redrive({ verb: 'stop', id, by: 'bob', reason: undefined }, other)).toBe(1);
    expect(unmarked(notes).at(-1)).toBe('run RUN is stopped: there is nothing to stop');
    expect(rig.clock.now()).toBeGreaterThan(0);
  });

  it('tells that a run is driven by somebody else, or unknown', async () => {
    const { operation, notes } = await createFailing();
    const watched: string[] = [];
    const sleep = async (ms: number) => {
      operation.sleep(ms);
      const [{ run: { id } = { id: '' } } = {}] = await operation.runs().list(1);
      if (watched.length > 0) return;
      watched.push(id);
      expect(await redrive({ verb: 'resume', id, by: undefined, reason: undefined }, operation)).toBe(1);
    };

    await redrive(read(START), { ...operation, sleep });

    expect(unmarked(notes)).toContain(
      'run RUN is driven by ann@desk: see it with redrive watch RUN; if that process is gone, try again in a minute',
    );
    for (const verb of ['show', 'watch'] as const) expect(await redrive({ verb, id: 'r9' }, operation)).toBe(1);
    for (const verb of ['stop', 'resume'] as const) {
      expect(await redrive({ verb, id: 'r9', by: undefined, reason: undefined }, operation)).toBe(1);
    }
    expect(notes.at(-1)).toBe("there is no run 'r9': see redrive list");
  });

  it('says how to continue after Ctrl-C', async () => {
    const { operation, notes } = await createFailing();

    expect(await redrive(read(START), { ...operation, onInterrupt: () => AbortSignal.abort() })).toBe(4);

    expect(unmarked(notes).at(-1)).toBe('interrupted: continue with redrive resume RUN');
  });

  it('deletes the copies of handled events from the DLQ', async () => {
    const { operation, out, rig } = await createFailing();
    rig.undeliverable.put('no event');

    expect(await redrive(read('redrive tidy --consumer billing'), operation)).toBe(0);

    expect(out).toStrictEqual(["deleted 0 copies of handled events from the DLQ of 'billing'; 1 messages are left"]);
  });

  it('lists nothing where there is no run', async () => {
    const { operation, out } = await createFailing();

    expect(await redrive(read('redrive list --consumer mail --limit 5'), operation)).toBe(0);

    expect(out).toStrictEqual(['there is no run']);
  });
});

describe('the command line of redrive', () => {
  it('reads terms and filters', () => {
    expect(
      read(
        'redrive start --consumer billing --reason r --by ann --stages 1,10 --rate 50 --stop-above 25 --patience 30m --state dead --tenant acme --group g --older-than 2d',
      ),
    ).toStrictEqual({
      verb: 'start',
      consumer: 'billing',
      filter: { fingerprint: undefined, type: undefined, tenantId: 'acme', group: 'g', state: 'dead' },
      olderThanMs: 172_800_000,
      terms: { stages: [1, 10], eventsPerSecond: 50, maxFailedRatio: 0.25, patienceMs: 1_800_000 },
      reason: 'r',
      by: 'ann',
      yes: false,
    });
    expect(read('redrive plan --consumer billing')).toMatchObject({
      terms: { stages: [1, 2, 5, 20, 100], eventsPerSecond: 10, maxFailedRatio: 0.1, patienceMs: 900_000 },
    });
  });

  it.each([
    ['redrive', 'redrive needs one of plan, start, list, show, watch, stop, resume, tidy'],
    ['redrive go', "got 'go'"],
    ['redrive show', 'redrive show needs the id of a run'],
    ['redrive plan', '--consumer is missing'],
    ['redrive plan r1 --consumer billing', "unexpected argument 'r1'"],
    ['redrive start --consumer billing', '--reason is missing'],
    ['redrive list --reason x', '--reason is not for redrive list'],
    ['redrive plan --consumer b --stages 1,0', '--stages must be up to 20 whole numbers from 1 to 999999'],
    ['redrive plan --consumer b --stop-above 100', '--stop-above must be a number from 0 to 99'],
    ['redrive plan --consumer b --patience 0s', '--patience must be longer than 0'],
    ['redrive plan --consumer b --rate 301', '--rate must be a number from 0.1 to 300'],
    ['redrive plan --consumer b --fingerprint x', '--fingerprint must have 12 hexadecimal digits'],
  ])('refuses %j', (line, problem) => {
    expect(problemOf(line)).toContain(problem);
  });
});

import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../cli/command-line.ts';
import { type RepublishOptions, republish } from '../../cli/commands/republish.ts';
import { type TrailOptions, trail } from '../../cli/commands/trail.ts';
import { createOperation, type OperationOptions } from './operation-under-test.ts';

const read = (line: string): unknown => {
  const command = readCommandLine(line.split(' '));
  if (command.kind !== 'action') throw new Error('no action');
  return command.action.options;
};

const options = (line: string) => read(line) as RepublishOptions;

/** An event of account 7 that the bus refuses, another one whose event is gone, and one that only waits. */
async function createQuarantined(given: OperationOptions = {}) {
  const under = createOperation(given);
  const { rig } = under;
  await rig.deposit('7', 2);
  const committedAt = rig.clock.now();
  const quarantined = { code: 'MalformedDetail', message: 'the detail is no JSON', at: committedAt };
  rig.clock.advance(120_000);
  const pending = {
    async *pages() {
      yield [{ group: 'account#7', sequence: 2, committedAt, quarantined }];
      yield [
        { group: 'account#8', sequence: 1, committedAt, quarantined: { ...quarantined, code: 'EVENT_GONE' } },
        { group: 'account#9', sequence: 1, committedAt, quarantined: undefined },
      ];
    },
  };
  return { ...under, operation: { ...under.operation, pending } };
}

describe('republish', () => {
  it('lists what is quarantined, with its reason', async () => {
    const { operation, out } = await createQuarantined();

    expect(await republish(options('republish list'), operation)).toBe(0);
    expect(await republish(options('republish list --code EVENT_GONE'), operation)).toBe(0);

    expect(out).toStrictEqual([
      'GROUP      SEQUENCE  EVENT                   TYPE                           SINCE  REASON',
      'account#7  2         event-2                 com.example.account.deposited  2 min  MalformedDetail: the detail is no JSON',
      'account#8  1         (no longer in the log)                                 2 min  EVENT_GONE: the detail is no JSON',
      'GROUP      SEQUENCE  EVENT                   TYPE  SINCE  REASON',
      'account#8  1         (no longer in the log)        2 min  EVENT_GONE: the detail is no JSON',
    ]);
  });

  it('releases one event, which the trail keeps', async () => {
    const { operation, out } = await createQuarantined();

    expect(
      await republish(options('republish --group account#7 --sequence 2 --reason fixed --by bob'), operation),
    ).toBe(0);
    await trail(read('trail') as TrailOptions, operation);

    expect(out).toStrictEqual(
      [
        '2 of account#7  event-2: the sweeper publishes it within minutes; see where',
        'AT                    BY   WHAT       TO                                                                                           REASON',
        '2026-11-20 06:02:00Z  bob  republish  group account#7, sequence 2, eventId event-2, eventType com.example.account.deposited  fixed',
      ].map((line) => (line.startsWith('AT') ? expect.stringMatching(/^AT +BY +WHAT +TO +REASON$/) : line)),
    );
  });

  it('releases all that can be published, and ends with 1 if one cannot', async () => {
    const { operation, out } = await createQuarantined();

    expect(await republish(options('republish --all --reason fixed'), operation)).toBe(1);

    expect(out).toStrictEqual([
      '2 of account#7  event-2: the sweeper publishes it within minutes; see where',
      '1 of account#8  nothing was done: the log no longer has it; see the runbook, Quarantined',
    ]);
  });

  it('answers one line of JSON', async () => {
    const { operation, out } = await createQuarantined({ json: true });

    await republish(options('republish list'), operation);
    await republish(options('republish --all --code MalformedDetail --reason fixed'), operation);
    await trail(read('trail --since 1m') as TrailOptions, operation);

    expect(out.map((line) => JSON.parse(line))).toMatchObject([
      { quarantined: [{ group: 'account#7', code: 'MalformedDetail', eventId: 'event-2' }, { code: 'EVENT_GONE' }] },
      { results: [{ group: 'account#7', kind: 'released' }] },
      { environment: 'dev', entries: [{ what: 'republish', by: 'ann@desk', at: '2026-11-20T06:02:00.000Z' }] },
    ]);
  });

  it('says that there is nothing', async () => {
    const { operation, out, rig } = createOperation();
    await rig.deposit('7', 9);

    await republish(options('republish list'), operation);
    await republish(options('republish --all --reason r'), operation);
    expect(await republish(options('republish --group account#7 --sequence 9 --reason r'), operation)).toBe(1);
    await trail({ sinceMs: -1 }, operation);

    expect(out).toStrictEqual([
      'no event is quarantined',
      'no event is quarantined',
      '9 of account#7  nothing was done: it is not quarantined',
      'operators did nothing that is listed here',
    ]);
  });

  it.each([
    ['republish', 'republish needs --group GROUP and --sequence N, or --all'],
    ['republish go', "republish needs list or no verb, got 'go'"],
    ['republish --all --group g --sequence 1 --reason r', 'republish needs --group GROUP and --sequence N, or --all'],
    ['republish --group g --reason r', '--group and --sequence go together'],
    ['republish --group g --sequence 1 --code C --reason r', '--code goes with --all'],
    ['republish --all', '--reason is missing'],
    ['republish list --all', '--all is not for republish list'],
    ['trail --since yesterday', "--since must be a number and s, m, h or d, such as 90s or 2d, got 'yesterday'"],
  ])('refuses %j', (line, problem) => {
    expect(() => read(line)).toThrow(problem);
  });
});

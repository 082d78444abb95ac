import { describe, expect, it } from 'vitest';
import { readCommandLine } from '../../cli/command-line.ts';
import { createOperation } from './operation-under-test.ts';

const actionOf = (line: string) => {
  const command = readCommandLine(['settings', ...line.split(' ').filter(Boolean)]);
  if (command.kind !== 'action') throw new Error(`no action: ${line}`);
  return command.action;
};

/** Runs commands one after another on the same parameter. */
async function run(...lines: readonly string[]) {
  const opened = createOperation();
  const statuses: number[] = [];
  for (const line of lines) {
    opened.out.length = 0;
    statuses.push(await actionOf(line).run(opened.operation));
  }
  return { ...opened, statuses, content: opened.settings.versions.at(-1)?.content };
}

describe('settings', () => {
  it('lists each effective value, its source, its time, and who tuned it', async () => {
    const { out, statuses } = await run(
      'set maxAttempts=4 sweepMaxEvents=50',
      'set logLevel=DEBUG --consumer mail',
      '',
    );

    expect(statuses).toStrictEqual([0, 0, 0]);
    expect(out.map((row) => row.trimEnd().replace(/ {2,}/g, ' | '))).toStrictEqual([
      'WHOSE | NAME | VALUE | SOURCE | SINCE | BY',
      '(environment) | logLevel | INFO | deployment',
      '(environment) | sweepAfterSeconds | 120 | deployment',
      '(environment) | sweepMaxEvents | 50 | tuned for all | 2026-11-20 06:01:00Z | ann@desk: set maxAttempts=4 sweepMaxEvents=50',
      'billing | maxAttempts | 4 | tuned for all | 2026-11-20 06:01:00Z | ann@desk: set maxAttempts=4 sweepMaxEvents=50',
      'billing | retryBaseSeconds | 5 | deployment',
      'billing | retryCapSeconds | 600 | deployment',
      'billing | logLevel | INFO | deployment',
      'mail | maxAttempts | 3 | deployment',
      'mail | retryBaseSeconds | 5 | deployment',
      'mail | retryCapSeconds | 600 | deployment',
      'mail | logLevel | DEBUG | tuned | 2026-11-20 06:02:00Z | ann@desk: set logLevel=DEBUG for mail',
      'parameter /waybill/dev/settings, version 2',
    ]);
  });

  it('reports that nothing is tuned if there is no parameter', async () => {
    const { out } = await run('');

    expect(out.at(-1)).toBe('nothing is tuned: parameter /waybill/dev/settings does not exist');
  });

  it('keeps other tuned values, says what changes and when, and records who changed it and why', async () => {
    const {
      out,
      content,
      settings: kept,
    } = await run(
      'set maxAttempts=4',
      'set maxAttempts=2 retryCapSeconds=30 --consumer billing --by ann --reason INC-7',
    );

    expect(content).toBe('{"maxAttempts":4,"consumers":{"billing":{"maxAttempts":2,"retryCapSeconds":30}}}');
    expect(out).toStrictEqual([
      "maxAttempts of 'billing': as deployed -> 2",
      "retryCapSeconds of 'billing': as deployed -> 30",
      'takes effect within a minute, with the next invocation of each function',
    ]);
    expect(kept.versions.at(-1)?.by).toBe('ann: set maxAttempts=2 retryCapSeconds=30 for billing; INC-7');
  });

  it('unsets what it has set, and leaves no empty entries', async () => {
    const { statuses, content, notes } = await run(
      'set logLevel=DEBUG --consumer mail',
      'unset logLevel --consumer mail',
      'unset logLevel --consumer mail',
      'set sweepAfterSeconds=300',
      'set sweepAfterSeconds=300',
    );

    expect(statuses).toStrictEqual([0, 0, 0, 0, 0]);
    expect(content).toBe('{"sweepAfterSeconds":300}');
    expect(notes).toStrictEqual(['nothing was done: nothing of this is tuned', 'nothing was done: it is so already']);
  });

  it.each([
    ['set maxAttempts=0', 'maxAttempts must be a whole number of attempts from 1 to 1000, got 0'],
    [
      'set maxAttempts=6',
      'maxAttempts must be a whole number of attempts from 1 to 5, got 6: maxReceiveCount of the queues of all consumers is 5, and only a deployment raises it',
    ],
    [
      'set maxAttempts=4 --consumer mail',
      "maxAttempts of 'mail' must be a whole number of attempts from 1 to 3, got 4: maxReceiveCount of its queue is 3, and only a deployment raises it",
    ],
    [
      'set retryBaseSeconds=601 --consumer mail',
      "retryBaseSeconds of 'mail' must not be above its retryCapSeconds, got 601 and 600: set both",
    ],
    ['set logLevel=debug', "logLevel must be one of DEBUG, INFO, WARN, ERROR, got 'debug'"],
    [
      'set loglevel=DEBUG',
      "'loglevel' is no setting that can be tuned: did you mean logLevel? choose from maxAttempts, retryBaseSeconds, retryCapSeconds, logLevel, sweepAfterSeconds, sweepMaxEvents; everything else takes a deployment",
    ],
    [
      'set sweepMaxEvents=5 --consumer mail',
      "'sweepMaxEvents' is no setting of a consumer that can be tuned: choose from maxAttempts, retryBaseSeconds, retryCapSeconds, logLevel; everything else takes a deployment",
    ],
    ['set maxAttempts', "settings set takes NAME=VALUE, got 'maxAttempts'"],
    [
      'set maxAttempts=2 logLevel=DEBUG maxAttempts=3',
      "maxAttempts is given twice, got 'maxAttempts=2' and 'maxAttempts=3': give one value",
    ],
    ['unset logLevel logLevel', "logLevel is given twice, got 'logLevel' and 'logLevel': name it once"],
    ['unset maxAttempts=3', "settings unset takes names alone, got 'maxAttempts=3': unset maxAttempts"],
  ])('rejects %s with the allowed values, and writes nothing', async (line, message) => {
    const { operation, settings: kept } = createOperation();

    await expect(actionOf(line).run(operation)).rejects.toMatchObject({ code: 'OPS_USAGE', message });
    expect(kept.versions).toStrictEqual([]);
  });

  it('rejects an unknown consumer', async () => {
    const { operation } = createOperation();

    expect(() => actionOf('set logLevel=DEBUG --consumer mial').run(operation)).toThrow(
      "environment 'dev' has no consumer 'mial': choose one of billing, mail",
    );
  });

  it('changes nothing while the parameter contains invalid values, and lists why', async () => {
    const { operation, settings: kept, notes } = createOperation();
    await kept.store.write('{"maxAttempts":0}', 'by hand');

    expect(await actionOf('set logLevel=DEBUG').run(operation)).toBe(1);
    expect(await actionOf('').run(operation)).toBe(1);

    expect(kept.versions).toHaveLength(1);
    expect(notes.at(-1)).toBe('  maxAttempts must be a whole number of attempts from 1 to 1000, got 0');
  });

  it('reports a concurrent change of the parameter', async () => {
    const { operation, settings: kept, notes } = createOperation();
    await kept.store.write('{}', 'ann');
    const { write } = kept.store;
    kept.store.write = async (content, by) => {
      await write('{"maxAttempts":2}', 'ben');
      return write(content, by);
    };

    expect(await actionOf('set logLevel=DEBUG').run(operation)).toBe(1);
    expect(notes.at(-1)).toContain('another change of /waybill/dev/settings at the same time was overwritten');
  });

  it.each([
    ['set', 'settings set needs NAME=VALUE'],
    ['unset', 'settings unset needs the NAME of a setting'],
    ['tune', "settings needs one of list, set, unset, got 'tune'"],
    ['list all', "unexpected argument 'all'"],
    ['--reason x', '--reason is for settings set and settings unset only'],
  ])('rejects the arguments "%s"', (line, message) => {
    expect(() => actionOf(line)).toThrow(message);
  });
});

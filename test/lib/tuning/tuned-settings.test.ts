import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTuning } from '../../../lib/definitions/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createLevelSwitch, createTunedSettings } from '../../../lib/tuning/index.ts';

/** Settings on a parameter whose content the test says; an error is thrown instead. */
function open(content?: string | Error) {
  const lines: unknown[] = [];
  const counted: string[] = [];
  const line = (level: string) => (message: string, fields: object) => void lines.push([level, message, fields]);
  const rig = { content, reads: 0, now: 1_000, lines, counted };
  const settings = createTunedSettings({
    parameter: {
      async read() {
        rig.reads++;
        if (rig.content instanceof Error) throw rig.content;
        return rig.content;
      },
    },
    parameterName: '/waybill/prod/settings',
    clock: { now: () => rig.now as EpochMs },
    logger: { info: line('INFO'), warn: line('WARN'), error: line('ERROR') } as never,
    metrics: { singleMetric: () => ({ addMetric: (name: string) => void counted.push(name) }) } as never,
  });
  return { rig, settings };
}

const parameter = '/waybill/prod/settings';
const outage = () => Object.assign(new Error('connect ETIMEDOUT'), { name: 'TimeoutError' });

describe('tuned settings', () => {
  it('follow the parameter, and say so once per change', async () => {
    const { rig, settings } = open('{"logLevel":"DEBUG"}');

    expect(await settings.current()).toStrictEqual({ logLevel: 'DEBUG' });
    expect(await settings.current()).toStrictEqual({ logLevel: 'DEBUG' });
    rig.content = '{"maxAttempts":2}';
    expect(await settings.current()).toStrictEqual({ maxAttempts: 2 });

    expect(rig.lines).toStrictEqual([
      ['INFO', 'tuned settings apply from now on', { parameter, settings: { logLevel: 'DEBUG' } }],
      ['INFO', 'tuned settings apply from now on', { parameter, settings: { maxAttempts: 2 } }],
    ]);
    expect(rig.counted).toStrictEqual([]);
  });

  it.each([
    ['no JSON', 'maxAttempts=2', "the parameter must be a JSON object, got 'maxAttempts=2'"],
    ['out of range', '{"maxAttempts":0}', 'maxAttempts must be a whole number of attempts from 1 to 1000, got 0'],
  ])('keep the last valid content where the new one is %s, and say so once', async (_, content, problem) => {
    const { rig, settings } = open('{"maxAttempts":3}');
    await settings.current();
    rig.lines.length = 0;

    rig.content = content;
    expect(await settings.current()).toStrictEqual({ maxAttempts: 3 });
    expect(await settings.current()).toStrictEqual({ maxAttempts: 3 });

    expect(rig.lines).toStrictEqual([
      [
        'ERROR',
        'the settings parameter is refused: the last valid settings stay; correct it with waybill settings',
        { parameter, problems: [problem], settings: { maxAttempts: 3 } },
      ],
    ]);
    expect(rig.counted).toStrictEqual(['SettingsRefused']);
  });

  it('are those of the deployment while there is no parameter, which is asked for once a minute', async () => {
    const { rig, settings } = open();

    expect(await settings.current()).toStrictEqual({});
    rig.now += 59_999;
    await settings.current();
    expect(rig.reads).toBe(1);

    rig.now += 1;
    rig.content = '{"logLevel":"WARN"}';
    expect(await settings.current()).toStrictEqual({ logLevel: 'WARN' });
  });

  it('are those of the deployment again once the parameter is gone', async () => {
    const { rig, settings } = open('{"logLevel":"WARN"}');
    await settings.current();

    rig.content = undefined;

    expect(await settings.current()).toStrictEqual({});
  });

  it('stay while the parameter cannot be read, which is tried again a minute later and told once', async () => {
    const { rig, settings } = open('{"maxAttempts":3}');
    await settings.current();
    rig.lines.length = 0;

    rig.content = outage();
    expect(await settings.current()).toStrictEqual({ maxAttempts: 3 });
    await settings.current();
    expect(rig.reads).toBe(2);
    rig.now += 60_000;
    await settings.current();

    expect(rig.reads).toBe(3);
    expect(rig.lines).toHaveLength(1);
    expect(rig.lines[0]).toMatchObject([
      'WARN',
      'the settings parameter cannot be read: the last valid settings stay',
      { parameter, error: { message: 'connect ETIMEDOUT' } },
    ]);
    expect(rig.counted).toStrictEqual(['SettingsUnavailable', 'SettingsUnavailable']);

    rig.now += 60_000;
    rig.content = '{"maxAttempts":4}';
    expect(await settings.current()).toStrictEqual({ maxAttempts: 4 });
  });

  it('are read once for invocations that ask together', async () => {
    const { rig, settings } = open('{}');

    await Promise.all([settings.current(), settings.current(), settings.current()]);

    expect(rig.reads).toBe(1);
  });

  it('are the last valid content through any changes, outages and absences', async () => {
    const step = fc.oneof(
      fc.constantFrom('{}', '{"maxAttempts":1}', '{"maxAttempts":0}', 'x', '{"logLevel":"WARN"}'),
      fc.constant(undefined),
      fc.constant('outage' as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step), async (steps) => {
        const { rig, settings } = open();
        let expected: unknown = {};
        for (const content of steps) {
          rig.now += 60_000;
          rig.content = content === 'outage' ? outage() : content;
          if (content === undefined) expected = {};
          else if (content !== 'outage') {
            const parsed = parseTuning(content);
            if (parsed.kind === 'valid') expected = parsed.tuning;
          }
          expect(await settings.current()).toStrictEqual(expected);
        }
      }),
    );
  });
});

describe('the level of a logger', () => {
  it('is the tuned one, and its own again when none is tuned', () => {
    const levels: string[] = [];
    const logger = {
      getLevelName: () => (levels.at(-1) ?? 'INFO') as 'INFO',
      setLogLevel: (level: string) => void levels.push(level),
    };
    const switchLevel = createLevelSwitch(logger);

    switchLevel(undefined);
    switchLevel('DEBUG');
    switchLevel('DEBUG');
    switchLevel(undefined);

    expect(levels).toStrictEqual(['DEBUG', 'INFO']);
  });
});

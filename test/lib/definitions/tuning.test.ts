import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  consumerTuningOf,
  isTunableName,
  parseTuning,
  problemOfTunable,
  TUNABLE_NAMES,
} from '../../../lib/definitions/index.ts';

const problemsOf = (content: unknown): readonly string[] => {
  const parsed = parseTuning(typeof content === 'string' ? content : JSON.stringify(content));
  return parsed.kind === 'refused' ? parsed.problems : [];
};

describe('the content of a settings parameter', () => {
  it('is returned unchanged, including the settings of single consumers', () => {
    const content = {
      maxAttempts: 3,
      retryBaseSeconds: 1,
      retryCapSeconds: 60,
      logLevel: 'DEBUG',
      sweepAfterSeconds: 300,
      sweepMaxEvents: 500,
      consumers: { billing: { maxAttempts: 2, logLevel: 'ERROR' } },
    };

    expect(parseTuning(JSON.stringify(content))).toStrictEqual({ kind: 'valid', tuning: content });
    expect(parseTuning('{}')).toStrictEqual({ kind: 'valid', tuning: {} });
  });

  it.each<[string, unknown, readonly string[]]>([
    ['what is no JSON', '{"logLevel": DEBUG}', ['the parameter must be a JSON object, got \'{"logLevel": DEBUG}\'']],
    ['a list', [], ['the parameter must be a JSON object, got a list']],
    [
      'an unknown member',
      { loglevel: 'DEBUG' },
      [
        'loglevel is no setting that can be tuned here, allowed are maxAttempts, retryBaseSeconds, retryCapSeconds, logLevel, sweepAfterSeconds, sweepMaxEvents, consumers',
      ],
    ],
    [
      'every value out of range',
      { maxAttempts: 0, retryBaseSeconds: 1.5, retryCapSeconds: 43_201, logLevel: 'debug', sweepAfterSeconds: 59 },
      [
        'maxAttempts must be a whole number of attempts from 1 to 1000, got 0',
        'retryBaseSeconds must be a whole number of seconds from 1 to 43200, got 1.5',
        'retryCapSeconds must be a whole number of seconds from 1 to 43200, got 43201',
        "logLevel must be one of DEBUG, INFO, WARN, ERROR, got 'debug'",
        'sweepAfterSeconds must be a whole number of seconds from 60 to 86400, got 59',
      ],
    ],
    [
      'a number as text',
      { maxAttempts: '3' },
      ["maxAttempts must be a whole number of attempts from 1 to 1000, got '3'"],
    ],
    ['null', { logLevel: null }, ['logLevel must be one of DEBUG, INFO, WARN, ERROR, got null']],
    [
      'a backoff that ends below its beginning',
      { consumers: { billing: { retryBaseSeconds: 60, retryCapSeconds: 30 } } },
      ['consumers.billing.retryBaseSeconds must not be above retryCapSeconds, got 60 and 30'],
    ],
    [
      'consumers that are a list',
      { consumers: [] },
      ['consumers must be an object of consumers by their names, got a list'],
    ],
    ['a consumer that is a value', { consumers: { billing: 3 } }, ['consumers.billing must be an object, got 3']],
    [
      'what no consumer has of its own',
      { consumers: { billing: { sweepMaxEvents: 5 } } },
      [
        'consumers.billing.sweepMaxEvents is no setting that can be tuned here, allowed are maxAttempts, retryBaseSeconds, retryCapSeconds, logLevel',
      ],
    ],
  ])('is refused: %s', (_, content, problems) => {
    expect(problemsOf(content)).toStrictEqual(problems);
  });

  it('can be any text, and only allowed settings are returned', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.json().map((value) => `{"consumers":{"a":${value}}}`),
        ),
        (text) => {
          const parsed = parseTuning(text);
          if (parsed.kind === 'refused') return parsed.problems.length > 0;
          const { consumers = {}, ...environment } = parsed.tuning;
          return [environment, ...Object.values(consumers)].every((scope) =>
            Object.entries(scope).every(
              ([name, value]) => isTunableName(name) && problemOfTunable(name, value) === undefined,
            ),
          );
        },
      ),
    );
  });
});

describe('the settings of a consumer', () => {
  const tuning = {
    maxAttempts: 4,
    logLevel: 'WARN',
    sweepAfterSeconds: 300,
    consumers: { billing: { maxAttempts: 2, retryCapSeconds: 30 } },
  } as const;

  it('override those of the environment and exclude those of the sweeper', () => {
    expect(consumerTuningOf(tuning, 'billing')).toStrictEqual({
      maxAttempts: 2,
      retryCapSeconds: 30,
      logLevel: 'WARN',
    });
    expect(consumerTuningOf(tuning, 'shipping')).toStrictEqual({ maxAttempts: 4, logLevel: 'WARN' });
    expect(consumerTuningOf(tuning, 'constructor')).toStrictEqual({ maxAttempts: 4, logLevel: 'WARN' });
    expect(consumerTuningOf({}, 'billing')).toStrictEqual({});
  });

  it('can be any of the documented ones', () => {
    expect(TUNABLE_NAMES).toStrictEqual([
      'maxAttempts',
      'retryBaseSeconds',
      'retryCapSeconds',
      'logLevel',
      'sweepAfterSeconds',
      'sweepMaxEvents',
    ]);
  });
});

import { Metrics } from '@aws-lambda-powertools/metrics';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createPolicyTelemetry,
  ExternalRequestRejectedError,
  ExternalUnavailableError,
} from '../../../lib/resilience/index.ts';
import { noteDeadline } from '../../../lib/shared/deadline.ts';
import { addMs, systemClock } from '../../../lib/shared/time.ts';
import { createPolicyRig, inTime, outage, signal, working } from './policy-rig.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

const OPENS_AT_THREE = {
  retry: { maxTries: 1 },
  breaker: { trip: { consecutiveFailures: 3 }, halfOpenAfterMs: 10_000 },
} as const;

/** A policy whose breaker has just opened. */
async function broken() {
  const rig = createPolicyRig(OPENS_AT_THREE);
  const failing = working(outage());
  for (const _ of [1, 2, 3]) await inTime(rig.policy.run(failing.work, { signal }), 1);
  return rig;
}

describe('a circuit breaker', () => {
  it('opens after consecutive failures, and reports the last of them as the cause', async () => {
    const { policy, changes } = createPolicyRig(OPENS_AT_THREE);
    const { work } = working(outage());
    const results = [];
    for (const _ of [1, 2, 3]) results.push(await inTime(policy.run(work, { signal }), 1));

    expect(results.map((result) => result.status === 'rejected' && result.reason.code)).toEqual([
      'EXTERNAL_UNAVAILABLE',
      'EXTERNAL_UNAVAILABLE',
      'BREAKER_OPEN',
    ]);
    expect(results[2]).toMatchObject({ reason: { cause: { code: 'EXTERNAL_UNAVAILABLE' } } });
    expect(changes).toEqual([{ from: 'closed', to: 'open' }]);
    expect(policy.breakerState()).toBe('open');
  });

  it('counts every attempt, and stops the retries when it opens', async () => {
    const { policy, waits } = createPolicyRig({ ...OPENS_AT_THREE, retry: { maxTries: 10 } });
    const { work, tries } = working(outage());

    const result = await inTime(policy.run(work, { signal }), 2_000);

    expect(result).toMatchObject({ reason: { code: 'BREAKER_OPEN' } });
    expect([tries(), waits]).toEqual([3, [50, 100]]);
  });

  it('makes no call while it is open, and reports when it permits a call', async () => {
    const { policy } = await broken();
    const { work, tries } = working('answer');
    await vi.advanceTimersByTimeAsync(4_000);

    const result = await inTime(policy.run(work, { signal }), 1);

    expect(result).toMatchObject({
      reason: {
        code: 'BREAKER_OPEN',
        disposition: 'defer',
        retryAfterSeconds: 6,
        message:
          'tax-service failed too often, last with EXTERNAL_UNAVAILABLE: its breaker is open and allows a call again in 6 s',
      },
    });
    expect(tries()).toBe(0);
  });

  it('uses the longer wait if the response that opened it asked for one', async () => {
    const { policy } = createPolicyRig({ ...OPENS_AT_THREE, breaker: { trip: { consecutiveFailures: 1 } } });
    const asksForAMinute = new ExternalUnavailableError('tax-service', 'it answered 503', { retryAfterSeconds: 60 });

    const result = await inTime(policy.run(working(asksForAMinute).work, { signal }), 1);

    expect(result).toMatchObject({ reason: { code: 'BREAKER_OPEN', retryAfterSeconds: 60 } });
  });

  it('permits a trial call after the reported wait, and closes if it succeeds', async () => {
    const { policy, changes } = await broken();
    const { work } = working('answer');
    await vi.advanceTimersByTimeAsync(10_000);

    const result = await inTime(policy.run(work, { signal }), 1);

    expect(result).toMatchObject({ value: 'answer 1' });
    expect(changes.slice(1)).toEqual([
      { from: 'open', to: 'half-open' },
      { from: 'half-open', to: 'closed' },
    ]);
  });

  it('permits one trial call, and lets other calls wait for its result', async () => {
    const { policy } = await broken();
    const { work, tries } = working(outage());
    await vi.advanceTimersByTimeAsync(10_000);

    const results = await inTime(Promise.allSettled([1, 2, 3].map(() => policy.run(work, { signal }))), 1);

    expect(tries()).toBe(1);
    expect(results).toMatchObject({
      value: [
        { reason: { code: 'BREAKER_OPEN' } },
        { reason: { code: 'BREAKER_OPEN' } },
        { reason: { code: 'BREAKER_OPEN' } },
      ],
    });
  });

  it('doubles its wait after each failed trial, up to a cap, and resets it after closing', async () => {
    const { policy } = await broken();
    const { work } = working(outage());
    const waits: unknown[] = [];
    for (const waitMs of [10_000, 20_000, 30_000, 30_000]) {
      await vi.advanceTimersByTimeAsync(waitMs);
      const trial = await inTime(policy.run(work, { signal }), 0);
      waits.push(trial.status === 'rejected' && trial.reason.retryAfterSeconds);
    }
    await vi.advanceTimersByTimeAsync(30_000);
    await inTime(policy.run(working('answer').work, { signal }), 0);
    for (const _ of [1, 2, 3]) {
      const failed = await inTime(policy.run(work, { signal }), 0);
      waits.push(failed.status === 'rejected' && failed.reason.retryAfterSeconds);
    }

    expect(waits).toEqual([20, 30, 30, 30, undefined, undefined, 10]);
  });

  it('stays open if the trial call was aborted', async () => {
    const { policy } = await broken();
    const given = new AbortController();
    await vi.advanceTimersByTimeAsync(10_000);
    setTimeout(() => given.abort(), 10);

    await inTime(policy.run(working('hang').work, { signal: given.signal }), 20);

    expect(policy.breakerState()).toBe('open');
  });

  it('does not use a call as its trial if it cannot end in time', async () => {
    const { policy, changes } = await broken();
    const hurried = new AbortController();
    await vi.advanceTimersByTimeAsync(10_000);
    noteDeadline(hurried.signal, addMs(systemClock.now(), 1_999));

    const result = await inTime(policy.run(working('answer').work, { signal: hurried.signal }), 1);

    expect(result).toMatchObject({ reason: { code: 'EXTERNAL_DEADLINE' } });
    expect(changes).toEqual([{ from: 'closed', to: 'open' }]);
    expect(await inTime(policy.run(working('answer').work, { signal }), 1)).toMatchObject({ value: 'answer 1' });
  });

  it('is not opened by refusals of the system', async () => {
    const { policy, changes } = createPolicyRig(OPENS_AT_THREE);
    const { work } = working(new ExternalRequestRejectedError('tax-service', 400, 'no such country'));

    for (const _ of [1, 2, 3, 4]) await inTime(policy.run(work, { signal }), 1);

    expect(changes).toEqual([]);
  });

  it('is not opened by failures with responses in between, even if these are refusals', async () => {
    const { policy, changes } = createPolicyRig(OPENS_AT_THREE);
    const refusal = new ExternalRequestRejectedError('tax-service', 400, 'no such country');
    const { work } = working(outage(), outage(), refusal, outage(), outage());

    for (const _ of [1, 2, 3, 4, 5]) await inTime(policy.run(work, { signal }), 1);

    expect(changes).toEqual([]);
  });

  it('closes if the system refuses the trial call', async () => {
    const { policy } = await broken();
    const refusal = new ExternalRequestRejectedError('tax-service', 400, 'no such country');
    await vi.advanceTimersByTimeAsync(10_000);

    const result = await inTime(policy.run(working(refusal).work, { signal }), 1);

    expect(result).toMatchObject({ reason: { code: 'EXTERNAL_REQUEST_REJECTED' } });
    expect(policy.breakerState()).toBe('closed');
  });

  it('can open based on the failure rate', async () => {
    const { policy, changes } = createPolicyRig({
      retry: { maxTries: 1 },
      breaker: { trip: { failureRatio: 0.5, windowMs: 5_000, minCallsPerSecond: 1 } },
    });
    const { work } = working(outage(), 'answer', outage(), 'answer', outage(), outage(), outage(), outage());

    for (let call = 0; call < 8; call += 1) await inTime(policy.run(work, { signal }), 100);

    expect(changes).toEqual([{ from: 'closed', to: 'open' }]);
  });
});

describe('the telemetry of a policy', () => {
  function createTelemetry() {
    const lines: unknown[] = [];
    const single: unknown[] = [];
    const log =
      (level: string) =>
      (...line: unknown[]) =>
        void lines.push([level, ...line]);
    const metrics = new Metrics({ namespace: 'Waybill/dev', serviceName: 'payments' });
    const observer = createPolicyTelemetry({
      logger: { info: log('info'), warn: log('warn'), error: log('error') },
      metrics: {
        addMetric: metrics.addMetric.bind(metrics),
        singleMetric: () => {
          const one = new Metrics({ namespace: 'Waybill/dev', serviceName: 'payments' });
          single.push(one);
          return one;
        },
      },
    });
    return { observer, lines, measured: () => metrics.serializeMetrics(), states: single as Metrics[] };
  }

  it('is a log line and a count when a breaker opens, and its state for each system', () => {
    const { observer, lines, measured, states } = createTelemetry();

    observer.breakerChanged('payment-gateway', { from: 'closed', to: 'open' });

    expect(lines).toEqual([
      [
        'error',
        'breaker opened: calls to the external system are refused',
        { external_system: 'payment-gateway', breaker_from: 'closed', breaker_to: 'open' },
      ],
    ]);
    expect(measured()).toMatchObject({ service: 'payments', BreakersOpened: 1 });
    expect(states.map((state) => state.serializeMetrics())).toMatchObject([
      { service: 'payments', system: 'payment-gateway', BreakerState: 1 },
    ]);
  });

  it.each([
    ['half-open', 0.5],
    ['closed', 0],
  ] as const)('is a log line and the state if a breaker is %s', (to, level) => {
    const { observer, lines, measured, states } = createTelemetry();

    observer.breakerChanged('payment-gateway', { from: 'open', to });

    expect(lines).toMatchObject([['info', expect.stringContaining('breaker'), { breaker_to: to }]]);
    expect(measured()).not.toHaveProperty('BreakersOpened');
    expect(states.map((state) => state.serializeMetrics())).toMatchObject([{ BreakerState: level }]);
  });

  it('includes the duration, retries and failures of calls', () => {
    const { observer, lines, measured } = createTelemetry();

    observer.retried('carrier', { tries: 1, delayMs: 49.6, error: outage() });
    observer.ended('carrier', { elapsedMs: 120, error: undefined });
    observer.ended('carrier', { elapsedMs: 80, error: outage() });

    expect(measured()).toMatchObject({ ExternalRetries: 1, ExternalCallTime: [120, 80], ExternalFailures: 1 });
    expect(lines).toEqual([
      [
        'warn',
        'retrying the call to the external system',
        { external_system: 'carrier', tries: 1, delay_ms: 50, error_code: 'EXTERNAL_UNAVAILABLE' },
      ],
    ]);
  });
});

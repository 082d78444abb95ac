import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ExternalThrottledError, type PolicyOptions } from '../../../lib/resilience/index.ts';
import { noteDeadline } from '../../../lib/shared/deadline.ts';
import { addMs, systemClock } from '../../../lib/shared/time.ts';
import { createPolicyRig, inTime, outage, signal, working } from './policy-rig.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] }));
afterEach(() => void vi.useRealTimers());

const refused = (code: string, more: object = {}) => ({
  status: 'rejected',
  reason: expect.objectContaining({ code, ...more }),
});

describe('a policy', () => {
  it('returns the result of the first attempt', async () => {
    const { policy, waits, ended } = createPolicyRig();
    const { work, tries } = working('answer');

    const result = await inTime(policy.run(work, { signal }));

    expect(result).toEqual({ status: 'fulfilled', value: 'answer 1' });
    expect([tries(), waits, ended]).toEqual([1, [], [undefined]]);
  });

  it('retries with a doubling backoff, half of it random jitter', async () => {
    const { policy, waits } = createPolicyRig({ retry: { maxTries: 4, baseMs: 100, capMs: 300 } });
    const { work, tries } = working(outage());

    const result = await inTime(policy.run(work, { signal }));

    expect(result).toEqual(refused('EXTERNAL_UNAVAILABLE'));
    expect(tries()).toBe(4);
    expect(waits).toEqual([50, 100, 150]);
  });

  it('waits as long as the system asks for if that is within the cap', async () => {
    const { policy, waits } = createPolicyRig({ retry: { capMs: 2_000 } });
    const { work } = working(new ExternalThrottledError('tax-service', 2), 'answer');

    const result = await inTime(policy.run(work, { signal }));

    expect(result).toEqual({ status: 'fulfilled', value: 'answer 2' });
    expect(waits).toEqual([2_000]);
  });

  it('leaves a longer wait to the queue', async () => {
    const { policy, waits } = createPolicyRig({ retry: { capMs: 2_000 } });
    const { work, tries } = working(new ExternalThrottledError('tax-service', 3), 'answer');

    const result = await inTime(policy.run(work, { signal }));

    expect(result).toEqual(refused('EXTERNAL_THROTTLED', { disposition: 'defer', retryAfterSeconds: 3 }));
    expect([tries(), waits]).toEqual([1, []]);
  });

  it('does not retry an error that is not from the system', async () => {
    const { policy } = createPolicyRig();
    const { work, tries } = working(new TypeError('a mistake in the adapter'));

    const result = await inTime(policy.run(work, { signal }));

    expect(result).toMatchObject({ status: 'rejected', reason: { message: 'a mistake in the adapter' } });
    expect(tries()).toBe(1);
  });

  it('rethrows any thrown value, including undefined', async () => {
    const { policy } = createPolicyRig();

    const result = await inTime(policy.run(() => Promise.reject(), { signal }));

    expect(result).toEqual({ status: 'rejected', reason: undefined });
  });

  it('uses a custom classification', async () => {
    const { policy, waits } = createPolicyRig({ classify: () => 'busy', retry: { maxTries: 2 } });

    const result = await inTime(policy.run(working(new Error('the SDK is throttled'), 'answer').work, { signal }));

    expect(result).toEqual({ status: 'fulfilled', value: 'answer 2' });
    expect(waits).toEqual([50]);
  });

  it('ends an attempt that takes too long, even if it ignores its signal, and retries', async () => {
    const { policy } = createPolicyRig({ timeoutMs: 400 });
    const { work, tries } = working('hang', 'answer');

    const result = await inTime(policy.run(work, { signal }));

    expect(result).toEqual({ status: 'fulfilled', value: 'answer 2' });
    expect(tries()).toBe(2);
  });

  it('rejects with EXTERNAL_TIMEOUT if every attempt takes too long', async () => {
    const { policy } = createPolicyRig({ timeoutMs: 400, retry: { maxTries: 2 } });

    const result = await inTime(policy.run(working('hang').work, { signal }));

    expect(result).toEqual(refused('EXTERNAL_TIMEOUT', { message: 'tax-service did not respond within 400 ms' }));
  });

  it('aborts the work when its attempt ends', async () => {
    const { policy } = createPolicyRig({ timeoutMs: 400, retry: { maxTries: 1 } });
    const signals: AbortSignal[] = [];
    const work = (given: AbortSignal) => {
      signals.push(given);
      return new Promise<never>(() => undefined);
    };

    await inTime(policy.run(work, { signal }));

    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });
});

describe('a policy with a deadline of the caller', () => {
  const until = (ms: number) => {
    const given = new AbortController();
    noteDeadline(given.signal, addMs(systemClock.now(), ms));
    setTimeout(() => given.abort(), ms);
    return given.signal;
  };

  it('starts no attempt that cannot end in time', async () => {
    const { policy } = createPolicyRig({ timeoutMs: 400 });
    const { work, tries } = working('answer');

    const result = await inTime(policy.run(work, { signal: until(399) }));

    expect(result).toEqual(refused('EXTERNAL_DEADLINE'));
    expect(tries()).toBe(0);
  });

  it('does not wait for a retry that cannot end in time, and reports the last error', async () => {
    const { policy, waits } = createPolicyRig({ timeoutMs: 400, retry: { maxTries: 9, baseMs: 200, capMs: 200 } });
    const { work, tries } = working(outage());

    const result = await inTime(policy.run(work, { signal: until(600) }));

    expect(result).toEqual(refused('EXTERNAL_UNAVAILABLE'));
    expect([tries(), waits]).toEqual([3, [100, 100]]);
  });

  it('aborts an attempt at the deadline without counting it as a failure of the system', async () => {
    const { policy, changes } = createPolicyRig({ breaker: { trip: { consecutiveFailures: 1 } } });
    const given = new AbortController();
    setTimeout(() => given.abort(), 100);

    const result = await inTime(policy.run(working('hang').work, { signal: given.signal }));

    expect(result).toEqual(refused('EXTERNAL_DEADLINE'));
    expect(changes).toEqual([]);
  });
});

describe('a policy’s bulkhead', () => {
  it('limits concurrent calls, and rejects calls if its queue is full', async () => {
    const { policy } = createPolicyRig({ bulkhead: { maxConcurrent: 2, maxQueued: 1 }, retry: { maxTries: 1 } });
    let running = 0;
    let most = 0;
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 50));
      running -= 1;
    };

    const results = await inTime(Promise.allSettled([1, 2, 3, 4].map(() => policy.run(work, { signal }))));

    expect(most).toBe(2);
    expect(results).toMatchObject({
      value: [
        { status: 'fulfilled' },
        { status: 'fulfilled' },
        { status: 'fulfilled' },
        { status: 'rejected', reason: { code: 'BULKHEAD_FULL', disposition: 'defer', retryAfterSeconds: 1 } },
      ],
    });
  });

  it('does not start a call that was aborted while it waited', async () => {
    const { policy } = createPolicyRig({ bulkhead: { maxConcurrent: 1, maxQueued: 1 }, timeoutMs: 400 });
    const given = new AbortController();
    const { work, tries } = working('answer');
    const first = policy.run(working('hang', 'answer').work, { signal });
    const second = policy.run(work, { signal: given.signal });
    given.abort();

    const [, result] = await Promise.all([inTime(first), inTime(second)]);

    expect(result).toEqual(refused('EXTERNAL_DEADLINE'));
    expect(tries()).toBe(0);
  });
});

describe('a policy’s fallback', () => {
  it('returns its result if the system fails', async () => {
    const { policy } = createPolicyRig();

    const result = await inTime(policy.run(working(outage()).work, { signal, fallback: () => 'what we know' }));

    expect(result).toEqual({ status: 'fulfilled', value: 'what we know' });
  });

  it('returns its result while the circuit breaker is open, and receives the reason', async () => {
    const { policy } = createPolicyRig({ breaker: { trip: { consecutiveFailures: 1 } } });
    await inTime(policy.run(working(outage()).work, { signal }), 100);

    const result = await inTime(
      policy.run(working('answer').work, { signal, fallback: (error) => `${(error as Error).name}` }),
      100,
    );

    expect(result).toEqual({ status: 'fulfilled', value: 'BREAKER_OPEN' });
  });

  it('does not hide programming errors', async () => {
    const { policy } = createPolicyRig();

    const result = await inTime(policy.run(working(new TypeError('oh')).work, { signal, fallback: () => 'no' }));

    expect(result).toMatchObject({ status: 'rejected', reason: { message: 'oh' } });
  });
});

describe('a policy’s options', () => {
  it.each<[string, Partial<PolicyOptions>]>([
    ['timeoutMs must be 10 to 900000, got 0', { timeoutMs: 0 }],
    ['timeoutMs must be 10 to 900000, got Infinity', { timeoutMs: Number.POSITIVE_INFINITY }],
    ['timeoutMs must be 10 to 900000, got NaN', { timeoutMs: Number.NaN }],
    ['retry.maxTries must be a whole number from 1 to 10, got 11', { retry: { maxTries: 11 } }],
    ['retry.capMs must be retry.baseMs (5000) to 900000, got 2000', { retry: { baseMs: 5_000 } }],
    ['retry.capMs must be retry.baseMs (100) to 900000, got Infinity', { retry: { capMs: Number.POSITIVE_INFINITY } }],
    ['breaker.halfOpenAfterMs must be 1000 to 3600000, got 10', { breaker: { halfOpenAfterMs: 10 } }],
    [
      'breaker.halfOpenCapMs must be breaker.halfOpenAfterMs (60000) to 3600000, got 30000',
      { breaker: { halfOpenAfterMs: 60_000, halfOpenCapMs: 30_000 } },
    ],
    ['breaker.halfOpenAfterMs must be 1000 to 3600000, got 86400000', { breaker: { halfOpenAfterMs: 86_400_000 } }],
    [
      'breaker.trip.consecutiveFailures must be a whole number from 1, got 0',
      { breaker: { trip: { consecutiveFailures: 0 } } },
    ],
    [
      'breaker.trip.failureRatio must be between 0 and 1, got 50',
      { breaker: { trip: { failureRatio: 50, windowMs: 10_000, minCallsPerSecond: 1 } } },
    ],
    ['bulkhead.maxConcurrent must be a whole number from 1, got 0', { bulkhead: { maxConcurrent: 0 } }],
  ])('are refused: %s', (problem, options) => {
    expect(() => createPolicyRig(options)).toThrow(
      expect.objectContaining({ code: 'POLICY_INVALID', problems: [problem] }),
    );
  });

  it('are refused with all problems in one error', () => {
    expect(() => createPolicyRig({ timeoutMs: -1, bulkhead: { maxConcurrent: 0, maxQueued: -1 } })).toThrow(
      expect.objectContaining({ problems: expect.objectContaining({ length: 3 }) }),
    );
  });
});

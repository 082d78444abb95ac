import { vi } from 'vitest';
import {
  type BreakerChange,
  createPolicy,
  ExternalUnavailableError,
  type PolicyOptions,
} from '../../../lib/resilience/index.ts';
import { systemClock } from '../../../lib/shared/time.ts';

export const outage = () => new ExternalUnavailableError('tax-service', 'it answered 500');

export const { signal } = new AbortController();

/** A policy whose time is moved by `vi.advanceTimersByTimeAsync`, with what its observer heard. */
export function createPolicyRig(options: Partial<PolicyOptions> = {}) {
  const changes: BreakerChange[] = [];
  const waits: number[] = [];
  const ended: unknown[] = [];
  const policy = createPolicy({
    name: 'tax-service',
    clock: systemClock,
    random: () => 0.5,
    observer: {
      breakerChanged: (_system, change) => void changes.push(change),
      retried: (_system, { delayMs }) => void waits.push(delayMs),
      ended: (_system, { error }) => void ended.push(error),
    },
    ...options,
  });
  return { policy, changes, waits, ended };
}

/** Work that ends as told, try by try; the last word stands for all that follow. */
export function working(...words: readonly (Error | 'answer' | 'hang')[]) {
  let tries = 0;
  return {
    tries: () => tries,
    work: async (): Promise<string> => {
      const word = words[Math.min(tries, words.length - 1)];
      tries += 1;
      if (word instanceof Error) throw word;
      if (word === 'hang') await new Promise(() => undefined);
      return `answer ${tries}`;
    },
  };
}

/** What the promise comes to, once time has moved as far as it needs. */
export async function inTime<Answer>(promise: Promise<Answer>, ms = 60_000): Promise<PromiseSettledResult<Answer>> {
  const settled = Promise.allSettled([promise]);
  await vi.advanceTimersByTimeAsync(ms);
  const [result] = await settled;
  return result;
}

import { afterAll, afterEach, beforeAll, vi } from 'vitest';
import { createJsonClient, createPolicy, type JsonClient, type PolicyLimitOptions } from 'waybill/resilience';
import { type Clock, systemClock } from 'waybill/runtime';
import { createMovableClock } from '../../../../local/clock.ts';
import { silentObserver } from '../../../../test/fixtures/silent-observer.ts';
import { until } from '../../../../test/fixtures/until.ts';
import { type ExternalServices, openExternalServices } from '../../local/external/external-services.ts';
import type { SystemName } from '../../local/external/foreign-system.ts';

/** More than a busy machine takes for an answer. */
const TIMEOUT_MS = 30_000;

const LONGEST_PAUSE_MS = 5;

/** Quick to try again, since trouble is asked for; a breaker that a test does not ask for stays closed. */
const QUICK: PolicyLimitOptions = {
  timeoutMs: TIMEOUT_MS,
  retry: { baseMs: 1, capMs: LONGEST_PAUSE_MS },
  breaker: { trip: { consecutiveFailures: 100 } },
};

export interface ExternalRig {
  /** The systems, real but for the machine that they run on. */
  readonly external: () => ExternalServices;
  /**
   * @param baseUrl where the system is looked for. @default where it is
   * @param clock of who calls, by which deadlines are. @default the machine's
   */
  client(system: SystemName, limits?: PolicyLimitOptions, baseUrl?: string, clock?: Clock): JsonClient;
  /** Begins `work`, and lets its calls run out of time as soon as each of the next `hangs` requests hangs. */
  timeOut<Answer>(hangs: number, work: () => Promise<Answer>): Promise<Answer>;
}

/** External systems for the tests of a file. */
export function useExternalServices(): ExternalRig {
  let services: ExternalServices | undefined;
  const external = (): ExternalServices => {
    if (services === undefined) throw new Error('the external services are not open yet');
    return services;
  };
  beforeAll(async () => {
    services = await openExternalServices({ clock: createMovableClock() });
  });
  afterEach(() => external().calm());
  afterAll(() => external().close());

  return {
    external,
    client: (system, limits = {}, baseUrl = `${external().url}/${system}`, clock: Clock = systemClock) =>
      createJsonClient({
        baseUrl,
        policy: createPolicy({
          ...QUICK,
          ...limits,
          name: system,
          clock,
          random: () => 0.5,
          observer: silentObserver,
        }),
        clock,
      }),
    async timeOut(hangs, work) {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      try {
        const before = external().ledger().requests.disturbed;
        const answer = work();
        // rejections are for whoever awaits it
        answer.catch(() => undefined);
        for (let hung = 1; hung <= hangs; hung += 1) {
          await until(() => external().ledger().requests.disturbed >= before + hung);
          await vi.advanceTimersByTimeAsync(TIMEOUT_MS + LONGEST_PAUSE_MS);
        }
        return await answer;
      } finally {
        vi.useRealTimers();
      }
    },
  };
}

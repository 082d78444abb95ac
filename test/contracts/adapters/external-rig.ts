import { afterAll, afterEach, beforeAll } from 'vitest';
import {
  createJsonClient,
  createPolicy,
  type JsonClient,
  type PolicyLimitOptions,
} from '../../../lib/resilience/index.ts';
import { systemClock } from '../../../lib/shared/time.ts';
import { createMovableClock } from '../../../local/clock.ts';
import { type ExternalServices, openExternalServices } from '../../../local/external/external-services.ts';
import type { SystemName } from '../../../local/external/foreign-system.ts';
import { silentObserver } from '../../fixtures/silent-observer.ts';

/** Short, since trouble is asked for; a breaker that a test does not ask for stays closed. */
const QUICK: PolicyLimitOptions = {
  timeoutMs: 250,
  retry: { baseMs: 1, capMs: 5 },
  breaker: { trip: { consecutiveFailures: 100 } },
};

export interface ExternalRig {
  /** The systems, real but for the machine that they run on. */
  readonly external: () => ExternalServices;
  /** @param baseUrl where the system is looked for. @default where it is */
  client(system: SystemName, limits?: PolicyLimitOptions, baseUrl?: string): JsonClient;
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
    client: (system, limits = {}, baseUrl = `${external().url}/${system}`) =>
      createJsonClient({
        baseUrl,
        policy: createPolicy({
          ...QUICK,
          ...limits,
          name: system,
          clock: systemClock,
          random: () => 0.5,
          observer: silentObserver,
        }),
        clock: systemClock,
      }),
  };
}

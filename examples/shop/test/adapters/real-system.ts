import { createJsonClient, createPolicy, type JsonClient } from 'waybill/resilience';
import { systemClock } from 'waybill/runtime';
import { silentObserver } from '../../../../test/fixtures/silent-observer.ts';
import type { SystemName } from '../../local/external/foreign-system.ts';

/** A system on the network that an adapter's contract suite is run against. */
export interface RealSystem {
  readonly url: string;
  client(): JsonClient;
}

/**
 * The system that the environment names: `CONTRACT_CARRIER_URL`, and `CONTRACT_CARRIER_KEY`, which is sent as a bearer
 * token. Undefined if it names none.
 * @throws if there is a key without a URL
 */
export function realSystem(
  system: SystemName,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): RealSystem | undefined {
  const prefix = `CONTRACT_${system.toUpperCase().replaceAll('-', '_')}`;
  const { [`${prefix}_URL`]: url = '', [`${prefix}_KEY`]: key = '' } = environment;
  if (url === '' && key !== '') throw new Error(`${prefix}_KEY is set, and ${prefix}_URL is not: set the system's URL`);
  if (url === '') return undefined;
  return {
    url,
    client: () =>
      createJsonClient({
        baseUrl: url,
        policy: createPolicy({
          name: system,
          clock: systemClock,
          random: Math.random,
          observer: silentObserver,
        }),
        clock: systemClock,
        ...(key === '' ? {} : { headers: () => ({ authorization: `Bearer ${key}` }) }),
      }),
  };
}

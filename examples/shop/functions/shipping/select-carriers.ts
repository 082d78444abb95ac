import type { JsonClient } from 'waybill/resilience';
import { type AdapterRuntime, createExternalClient } from 'waybill/runtime';
import type { Carrier } from './carrier.ts';
import { createFakeCarrier } from './fake-carrier.ts';
import { createHttpCarrier } from './http-carrier.ts';
import { createHttpCourier } from './http-courier.ts';
import { withKeptRates } from './kept-rates.ts';

/**
 * The carriers at `CARRIER_URL` and `COURIER_URL`, as far as these are set; one fake where neither is. Called once per
 * container, in `index.ts`.
 */
export function selectCarriers(environment: NodeJS.ProcessEnv, runtime: AdapterRuntime): readonly Carrier[] {
  const at = (name: string, url: string | undefined, create: (client: JsonClient) => Carrier): readonly Carrier[] =>
    url === undefined || url === ''
      ? []
      : [withKeptRates(create(createExternalClient({ name, baseUrl: url }, runtime)), runtime.clock)];
  const { CARRIER_URL, COURIER_URL } = environment;
  const carriers = [...at('carrier', CARRIER_URL, createHttpCarrier), ...at('courier', COURIER_URL, createHttpCourier)];
  return carriers.length === 0 ? [createFakeCarrier()] : carriers;
}

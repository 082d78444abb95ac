import { type AdapterRuntime, createExternalClient } from 'waybill/runtime';
import type { Carrier } from './carrier.ts';
import { createFakeCarrier } from './fake-carrier.ts';
import { createHttpCarrier } from './http-carrier.ts';

/** The carrier at `CARRIER_URL`; the fake where that is not set. Called once per container, in `index.ts`. */
export function selectCarrier(environment: NodeJS.ProcessEnv, runtime: AdapterRuntime): Carrier {
  const baseUrl = environment['CARRIER_URL'] ?? '';
  if (baseUrl === '') return createFakeCarrier();
  return createHttpCarrier(createExternalClient({ name: 'carrier', baseUrl }, runtime));
}

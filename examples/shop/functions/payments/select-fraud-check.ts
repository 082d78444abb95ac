import { type AdapterRuntime, createExternalClient } from 'waybill/runtime';
import { createFakeFraudCheck } from './fake-fraud-check.ts';
import type { FraudCheck } from './fraud-check.ts';
import { createHttpFraudCheck } from './http-fraud-check.ts';

/** The fraud check at `FRAUD_CHECK_URL`; the fake where that is not set. Called once per container, in `index.ts`. */
export function selectFraudCheck(environment: NodeJS.ProcessEnv, runtime: AdapterRuntime): FraudCheck {
  const baseUrl = environment['FRAUD_CHECK_URL'] ?? '';
  if (baseUrl === '') return createFakeFraudCheck();
  return createHttpFraudCheck(createExternalClient({ name: 'fraud-check', baseUrl }, runtime));
}

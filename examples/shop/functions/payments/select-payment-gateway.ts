import { type AdapterRuntime, createExternalClient } from 'waybill/runtime';
import { createFakePaymentGateway } from './fake-payment-gateway.ts';
import { createHttpPaymentGateway, PAYMENT_GATEWAY_LIMITS } from './http-payment-gateway.ts';
import type { PaymentGateway } from './payment-gateway.ts';

/** The gateway at `PAYMENT_GATEWAY_URL`; the fake where that is not set. Called once per container, in `index.ts`. */
export function selectPaymentGateway(environment: NodeJS.ProcessEnv, runtime: AdapterRuntime): PaymentGateway {
  const baseUrl = environment['PAYMENT_GATEWAY_URL'] ?? '';
  if (baseUrl === '') return createFakePaymentGateway();
  return createHttpPaymentGateway(
    createExternalClient({ name: 'payment-gateway', baseUrl, limits: PAYMENT_GATEWAY_LIMITS }, runtime),
  );
}

import { createFakePaymentGateway } from './fake-payment-gateway.ts';
import type { PaymentGateway } from './payment-gateway.ts';

/** The gateway of this environment: the fake. */
export const selectPaymentGateway = (_environment: NodeJS.ProcessEnv, _runtime: object): PaymentGateway =>
  createFakePaymentGateway();

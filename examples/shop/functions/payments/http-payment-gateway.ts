import { type JsonClient, type PolicyLimitOptions, readAs } from 'waybill/resilience';
import { sameAmount, toDecimalAmount } from '../decimal-amount.ts';
import { readForeignError } from '../foreign-error.ts';
import type { Money } from '../money.ts';
import * as z from '../zod.ts';
import type { ChargeOutcome, PaymentGateway } from './payment-gateway.ts';

/** Banks behind the gateway take their time: a charge is given half as long again as other calls. */
export const PAYMENT_GATEWAY_LIMITS: PolicyLimitOptions = { timeoutMs: 3_000 };

const captured = (amount: Money) =>
  readAs(
    z.extend(sameAmount(amount), { txnRef: z.string().check(z.minLength(1)), state: z.literal('CAPTURED') }),
    ({ txnRef }): ChargeOutcome => ({ kind: 'captured', paymentId: txnRef }),
  );

/** Ours by theirs. */
const DECLINE_REASONS: ReadonlyMap<string, string> = new Map([
  ['LIMIT_EXCEEDED', 'limit-exceeded'],
  ['INSUFFICIENT_FUNDS', 'insufficient-funds'],
  ['CARD_EXPIRED', 'card-expired'],
]);

const declined = readAs(
  z.object({ state: z.literal('DECLINED'), declineCode: z.string().check(z.minLength(1)) }),
  ({ declineCode }): ChargeOutcome => ({ kind: 'declined', reason: DECLINE_REASONS.get(declineCode) ?? 'other' }),
);

const refunded = (paymentId: string, amount: Money) =>
  readAs(
    z.extend(sameAmount(amount), {
      refundRef: z.string().check(z.minLength(1)),
      txnRef: z.literal(paymentId),
      state: z.literal('REFUNDED'),
    }),
    ({ refundRef }) => ({ refundId: refundRef }),
  );

/** The gateway's HTTP API, version 2. Errors are those of the client. */
export const createHttpPaymentGateway = (client: JsonClient): PaymentGateway => ({
  charge: ({ orderId, amount, paymentMethod, idempotencyKey }, signal) =>
    client.post(
      {
        path: '/v2/charges',
        body: {
          merchantRef: orderId,
          amt: toDecimalAmount(amount),
          ccy: amount.currency,
          instrument: paymentMethod?.token,
        },
        idempotencyKey,
        answers: { 201: captured(amount), 402: declined },
        readError: readForeignError,
      },
      signal,
    ),

  refund: ({ paymentId, amount, idempotencyKey }, signal) =>
    client.post(
      {
        path: `/v2/charges/${encodeURIComponent(paymentId)}/refunds`,
        body: { amt: toDecimalAmount(amount), ccy: amount.currency },
        idempotencyKey,
        answers: { 201: refunded(paymentId, amount) },
        readError: readForeignError,
      },
      signal,
    ),
});

import { ExternalRequestRejectedError } from 'waybill/resilience';
import { createAnswersByKey, idFromKey } from '../answers-by-key.ts';
import type { ChargeOutcome, ChargeRequest, PaymentGateway, RefundRequest } from './payment-gateway.ts';

/** What moved, in the order in which it did. */
export interface FakePaymentGateway extends PaymentGateway {
  readonly charges: readonly (ChargeRequest & { readonly paymentId: string })[];
  readonly refunds: readonly (RefundRequest & { readonly refundId: string })[];
}

export interface FakePaymentGatewayOptions {
  /** Why a charge is declined; undefined: it is captured. @default amounts from `CHARGE_LIMIT_MINOR_UNITS` are `limit-exceeded` */
  readonly decline?: (request: ChargeRequest) => string | undefined;
}

/** Charges of this much or more are declined: £1,000.00. */
const CHARGE_LIMIT_MINOR_UNITS = 100_000;

const SYSTEM = 'the payment gateway';

const declineLargeAmounts = ({ amount }: ChargeRequest): string | undefined =>
  amount.minorUnits >= CHARGE_LIMIT_MINOR_UNITS ? 'limit-exceeded' : undefined;

/** Takes no money. For tests, and for environments that have no gateway. */
export function createFakePaymentGateway({
  decline = declineLargeAmounts,
}: FakePaymentGatewayOptions = {}): FakePaymentGateway {
  const charges: (ChargeRequest & { readonly paymentId: string })[] = [];
  const refunds: (RefundRequest & { readonly refundId: string })[] = [];
  const charged = createAnswersByKey<ChargeRequest, ChargeOutcome>(SYSTEM);
  const refunded = createAnswersByKey<RefundRequest, { readonly refundId: string }>(SYSTEM);

  /** Of a payment that it does not know it takes the caller's word: another container may have captured it. */
  const assertRefundable = ({ paymentId, amount }: RefundRequest): void => {
    const charge = charges.find((one) => one.paymentId === paymentId);
    if (charge === undefined) return;
    const before = refunds.filter((one) => one.paymentId === paymentId).map((one) => one.amount.minorUnits);
    const total = before.reduce((sum, minorUnits) => sum + minorUnits, amount.minorUnits);
    if (amount.currency !== charge.amount.currency || total > charge.amount.minorUnits) {
      throw new ExternalRequestRejectedError(SYSTEM, 422, `'${paymentId}' has less than that to refund`);
    }
  };

  return {
    charges,
    refunds,

    async charge(request, signal) {
      signal.throwIfAborted();
      return charged.once(request, () => {
        const reason = decline(request);
        if (reason !== undefined) return { kind: 'declined', reason };
        const paymentId = idFromKey('payment', request.idempotencyKey);
        charges.push({ ...request, paymentId });
        return { kind: 'captured', paymentId };
      });
    },

    async refund(request, signal) {
      signal.throwIfAborted();
      return refunded.once(request, () => {
        assertRefundable(request);
        const refundId = idFromKey('refund', request.idempotencyKey);
        refunds.push({ ...request, refundId });
        return { refundId };
      });
    },
  };
}

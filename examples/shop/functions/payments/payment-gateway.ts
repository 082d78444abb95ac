import type { Money } from '../money.ts';
import type { PaymentMethod } from './payment-method.ts';

export interface ChargeRequest {
  readonly orderId: string;
  readonly amount: Money;
  /** Undefined for orders without one: the gateway goes by what it knows of the order. */
  readonly paymentMethod: PaymentMethod | undefined;
  /** A repeated charge under the same key MUST be answered as the first one was, and move no more money. */
  readonly idempotencyKey: string;
}

export type ChargeOutcome =
  | { readonly kind: 'captured'; readonly paymentId: string }
  /** For good: the same charge would be declined again. */
  | { readonly kind: 'declined'; readonly reason: string };

export interface RefundRequest {
  readonly paymentId: string;
  readonly amount: Money;
  readonly idempotencyKey: string;
}

/** Who takes the customers' money and gives it back. Rejects where the outcome is not known; then the call is repeated. */
export interface PaymentGateway {
  charge(request: ChargeRequest, signal: AbortSignal): Promise<ChargeOutcome>;
  refund(request: RefundRequest, signal: AbortSignal): Promise<{ readonly refundId: string }>;
}

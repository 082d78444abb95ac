import type { Money } from '../money.ts';
import type { PaymentMethod } from './payment-method.ts';

export interface FraudQuestion {
  readonly orderId: string;
  readonly customerId: string | undefined;
  readonly amount: Money;
  readonly paymentMethod: PaymentMethod | undefined;
  /** The country that the order goes to. */
  readonly destination: string | undefined;
  /** A repeated question under the same key MUST be answered as the first one was. */
  readonly idempotencyKey: string;
}

export interface FraudVerdict {
  /** `review`: a person has to decide. */
  readonly kind: 'pass' | 'review' | 'refuse';
  /** The check's own reference, by which a person finds it there. */
  readonly checkId: string;
}

/** Who knows how likely an order is to be fraud. Rejects where the outcome is not known; then the call is repeated. */
export interface FraudCheck {
  assess(question: FraudQuestion, signal: AbortSignal): Promise<FraudVerdict>;
}

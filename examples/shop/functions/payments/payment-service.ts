import type { HandlerContext } from 'waybill/consumer';
import { ifUnchanged, type UnitOfWork } from 'waybill/outbox';
import type { TenantTable } from 'waybill/tenancy';
import type { Money } from '../money.ts';
import { PaymentCaptured, PaymentFailed, PaymentRefunded } from './events.ts';
import type { CapturedPayment, Payment } from './payment.ts';
import type { PaymentGateway } from './payment-gateway.ts';

export interface PaymentsDeps {
  readonly payments: TenantTable<Payment>;
  readonly gateway: PaymentGateway;
}

type Context = Pick<HandlerContext, 'tx' | 'log' | 'signal' | 'idempotencyKey'>;

/** What both ways of fulfilling orders do with money. */
export interface PaymentService {
  /** Charges an order once, and tells how that went; a payment that is closed fails without asking the gateway. */
  capture(orderId: string, amount: Money, context: Context): Promise<void>;
  /** Refunds the whole amount. */
  refund(payment: CapturedPayment, context: Context): Promise<void>;
  /** Sees to it that nothing is captured any more, and answers as a refund of nothing. */
  close(orderId: string, payment: Extract<Payment, { status: 'failed' }> | undefined, context: Context): void;
}

/** ISO 4217: no currency is involved. */
const NO_CURRENCY = 'XXX';

export function createPaymentService({ payments, gateway }: PaymentsDeps): PaymentService {
  /** On condition that the payment still stands as it was read. */
  const put = (tx: UnitOfWork, payment: Payment, before: Payment | undefined) =>
    payments.within(tx).put({
      Item: payment,
      ...ifUnchanged('status', before?.status),
    });

  return {
    async capture(orderId, amount, { tx, log, signal, idempotencyKey }) {
      const before = await payments.get({ orderId });
      if (before?.status === 'closed' && before.amount === undefined) {
        put(tx, { ...before, amount }, before);
        tx.publish(PaymentFailed, { orderId, amount, reason: 'payment-closed' });
        return;
      }
      // one charge per order, also when the event comes again after its record is gone
      if (before !== undefined) return;
      const outcome = await gateway.charge({ orderId, amount, idempotencyKey }, signal);
      if (outcome.kind === 'captured') {
        const { paymentId } = outcome;
        put(tx, { orderId, status: 'captured', paymentId, amount }, undefined);
        tx.publish(PaymentCaptured, { orderId, paymentId, amount });
        log.info('payment captured', { order_id: orderId, payment_id: paymentId });
      } else {
        const { reason } = outcome;
        put(tx, { orderId, status: 'failed', amount, reason }, undefined);
        tx.publish(PaymentFailed, { orderId, amount, reason });
        log.info('payment failed', { order_id: orderId, reason });
      }
    },

    async refund(payment, { tx, log, signal, idempotencyKey }) {
      const { orderId, paymentId, amount } = payment;
      const { refundId } = await gateway.refund({ paymentId, amount, idempotencyKey }, signal);
      put(tx, { ...payment, status: 'refunded', refundId }, payment);
      tx.publish(PaymentRefunded, { orderId, paymentId, amount });
      log.info('payment refunded', { order_id: orderId, payment_id: paymentId });
    },

    close(orderId, payment, { tx, log }) {
      const { currency } = payment?.amount ?? { currency: NO_CURRENCY };
      put(tx, { orderId, status: 'closed', amount: payment?.amount }, payment);
      tx.publish(PaymentRefunded, { orderId, paymentId: 'none', amount: { currency, minorUnits: 0 } });
      log.info('payment closed', { order_id: orderId });
    },
  };
}

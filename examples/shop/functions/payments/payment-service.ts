import type { HandlerContext } from 'waybill/consumer';
import { ifUnchanged, type UnitOfWork } from 'waybill/outbox';
import type { TenantTable } from 'waybill/tenancy';
import type { Money } from '../money.ts';
import type { AuditTrail } from './audit-trail.ts';
import { PaymentCaptured, PaymentFailed, PaymentHeld, PaymentRefunded } from './events.ts';
import type { FraudCheck } from './fraud-check.ts';
import { type CapturedPayment, type HeldPayment, isUnderReview, type Payment } from './payment.ts';
import type { PaymentGateway } from './payment-gateway.ts';
import { type PaymentMethod, shownMethod } from './payment-method.ts';

export interface PaymentsDeps {
  readonly payments: TenantTable<Payment>;
  readonly audit: AuditTrail;
  readonly gateway: PaymentGateway;
  readonly fraudCheck: FraudCheck;
}

type Context = Pick<HandlerContext, 'tx' | 'log' | 'signal' | 'idempotencyKey'>;

/** What is to be paid, and by whom. */
interface Due {
  readonly orderId: string;
  readonly amount: Money;
  readonly paymentMethod?: PaymentMethod | undefined;
  readonly customerId?: string | undefined;
  readonly destination?: string | undefined;
}

/** What both ways of fulfilling orders do with money. */
export interface PaymentService {
  /**
   * Charges an order once, and tells how that went. The fraud check comes first: it may hold the payment until a person
   * decides, or refuse it. A payment that is closed fails without asking anybody.
   */
  capture(due: Due, context: Context): Promise<void>;
  /** Does what a person has decided about a payment that was held; nothing if it is no longer to be done. */
  conclude(orderId: string, context: Context): Promise<void>;
  /** Refunds the whole amount. */
  refund(payment: CapturedPayment, context: Context): Promise<void>;
  /** Ends a review that nobody needs any more, and tells that the payment failed. */
  giveUp(payment: HeldPayment, context: Context): void;
  /** Sees to it that nothing is captured any more, and answers as a refund of nothing. */
  close(orderId: string, payment: Uncharged | undefined, context: Context): void;
}

type Uncharged = Extract<Payment, { status: 'failed' }> | HeldPayment;

/** ISO 4217: no currency is involved. */
const NO_CURRENCY = 'XXX';

export function createPaymentService({ payments, audit, gateway, fraudCheck }: PaymentsDeps): PaymentService {
  /** On condition that the payment still stands as it was read. */
  const put = (tx: UnitOfWork, payment: Payment, before: Payment | undefined) =>
    payments.within(tx).put({
      Item: payment,
      ...ifUnchanged('status', before?.status),
    });

  const fail = (
    { orderId, amount }: Pick<Due, 'orderId' | 'amount'>,
    reason: string,
    before: Payment | undefined,
    { tx, log }: Context,
  ) => {
    put(tx, { orderId, status: 'failed', amount, reason }, before);
    tx.publish(PaymentFailed, { orderId, amount, reason });
    log.info('payment failed', { order_id: orderId, reason });
  };

  const charge = async (
    { orderId, amount, paymentMethod }: Pick<Due, 'orderId' | 'amount' | 'paymentMethod'>,
    before: HeldPayment | undefined,
    context: Context,
  ) => {
    const { tx, log, signal, idempotencyKey } = context;
    const method = paymentMethod === undefined ? {} : { paymentMethod: shownMethod(paymentMethod) };
    const outcome = await gateway.charge({ orderId, amount, paymentMethod, idempotencyKey }, signal);
    if (outcome.kind === 'declined') {
      const { reason } = outcome;
      audit.add(tx, orderId, { what: 'declined', amount, reason, ...method });
      return fail({ orderId, amount }, reason, before, context);
    }
    const { paymentId } = outcome;
    put(tx, { orderId, status: 'captured', paymentId, amount }, before);
    audit.add(tx, orderId, { what: 'charged', amount, paymentId, ...method });
    tx.publish(PaymentCaptured, { orderId, paymentId, amount });
    log.info('payment captured', { order_id: orderId, payment_id: paymentId });
  };

  return {
    async capture(due, context) {
      const { orderId, amount, paymentMethod, customerId, destination } = due;
      const { tx, log, signal, idempotencyKey } = context;
      const before = await payments.get({ orderId });
      if (before?.status === 'closed' && before.amount === undefined) {
        put(tx, { ...before, amount }, before);
        tx.publish(PaymentFailed, { orderId, amount, reason: 'payment-closed' });
        return;
      }
      // one charge per order, also when the event comes again after its record is gone
      if (before !== undefined) return;
      const key = `${idempotencyKey}/fraud`;
      const question = { orderId, customerId, amount, paymentMethod, destination, idempotencyKey: key };
      const { kind, checkId } = await fraudCheck.assess(question, signal);
      if (kind === 'pass') return charge(due, undefined, context);
      if (kind === 'refuse') {
        audit.add(tx, orderId, { what: 'refused', amount, checkId, reason: 'fraud-check' });
        return fail(due, 'fraud', undefined, context);
      }
      put(tx, { orderId, status: 'held', amount, checkId, ...(paymentMethod && { paymentMethod }) }, undefined);
      audit.add(tx, orderId, { what: 'held', amount, checkId });
      tx.publish(PaymentHeld, { orderId, amount });
      log.info('payment held for review', { order_id: orderId, check_id: checkId });
    },

    async conclude(orderId, context) {
      const payment = await payments.get({ orderId });
      if (!isUnderReview(payment)) return;
      if (payment.status === 'released') return charge(payment, payment, context);
      if (payment.status === 'refused') fail(payment, 'review', payment, context);
    },

    async refund(payment, { tx, log, signal, idempotencyKey }) {
      const { orderId, paymentId, amount } = payment;
      const { refundId } = await gateway.refund({ paymentId, amount, idempotencyKey }, signal);
      put(tx, { ...payment, status: 'refunded', refundId }, payment);
      audit.add(tx, orderId, { what: 'refunded', amount, paymentId, refundId });
      tx.publish(PaymentRefunded, { orderId, paymentId, amount });
      log.info('payment refunded', { order_id: orderId, payment_id: paymentId });
    },

    giveUp(payment, context) {
      audit.add(context.tx, payment.orderId, { what: 'given-up', amount: payment.amount, checkId: payment.checkId });
      fail(payment, 'order-cancelled', payment, context);
    },

    close(orderId, payment, { tx, log }) {
      const { currency } = payment?.amount ?? { currency: NO_CURRENCY };
      put(tx, { orderId, status: 'closed', amount: payment?.amount }, payment);
      audit.add(tx, orderId, { what: 'closed' });
      tx.publish(PaymentRefunded, { orderId, paymentId: 'none', amount: { currency, minorUnits: 0 } });
      log.info('payment closed', { order_id: orderId });
    },
  };
}

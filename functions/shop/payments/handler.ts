import { handlersFor } from '../../../lib/consumer/index.ts';
import type { ItemReader } from '../item-reader.ts';
import { PaymentCaptured } from './events.ts';
import type { Payment } from './payment.ts';
import { payments } from './subscription.ts';

export interface PaymentsDeps {
  readonly tableName: string;
  readonly findPayment: ItemReader<Payment>;
}

export const createPaymentsHandlers = ({ tableName, findPayment }: PaymentsDeps) =>
  handlersFor(payments, {
    'com.example.order.placed': async ({ data: { orderId, total } }, { tx, log }) => {
      // one payment per order, also when the event comes again after its record is gone
      if ((await findPayment(orderId)) !== undefined) return;
      const payment: Payment = { orderId, paymentId: `payment-${orderId}`, amount: total, status: 'captured' };
      tx.put({ TableName: tableName, Item: payment, ConditionExpression: 'attribute_not_exists(orderId)' });
      tx.publish(PaymentCaptured, { orderId, paymentId: payment.paymentId, amount: total });
      log.info('payment captured', { order_id: orderId });
    },
  });

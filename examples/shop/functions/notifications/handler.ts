import { type HandlerContext, handlersFor } from 'waybill/consumer';
import type { TenantTable } from 'waybill/tenancy';
import type { CancellationReason } from '../orders/cancellation-reason.ts';
import { UnknownOrderError } from '../unknown-order-error.ts';
import type { Addressee } from './addressee.ts';
import type { Mail, Mailer } from './mailer.ts';
import { SUBJECTS } from './subjects.ts';
import { notifications } from './subscription.ts';

export interface NotificationsDeps {
  readonly addressees: Pick<TenantTable<Addressee>, 'get' | 'within'>;
  readonly mailer: Mailer;
}

export function createNotificationsHandlers({ addressees, mailer }: NotificationsDeps) {
  /** An effect outside DynamoDB: what is sent again after a crash goes under the same key, and is dropped there. */
  const send = async (
    mail: Omit<Mail, 'idempotencyKey'>,
    { signal, idempotencyKey, log }: Pick<HandlerContext, 'signal' | 'idempotencyKey' | 'log'>,
  ) => {
    await mailer.send({ ...mail, idempotencyKey }, signal);
    log.info('mail sent', { customer_id: mail.customerId, subject: mail.subject });
  };

  const find = async (orderId: string): Promise<Addressee> => {
    const addressee = await addressees.get({ orderId });
    if (addressee === undefined) throw new UnknownOrderError('notifications', orderId);
    return addressee;
  };

  return handlersFor(notifications, {
    'com.example.customer.registered': ({ data: { customerId } }, context) =>
      send(
        { customerId, subject: SUBJECTS.welcome, text: 'Welcome to the shop, and thank you for your first order.' },
        context,
      ),

    'com.example.order.placed': ({ data: { orderId, customerId } }, { tx }) => {
      addressees.within(tx).put({ Item: { orderId, customerId } });
    },

    'com.example.shipment.created': async ({ data: { orderId, shipmentId } }, context) => {
      const { customerId } = await find(orderId);
      const subject = SUBJECTS.shipped(orderId);
      await send({ customerId, subject, text: `Your order ${orderId} has left us as parcel ${shipmentId}.` }, context);
    },

    'com.example.shipment.delivered': async ({ data: { orderId } }, context) => {
      const { customerId } = await find(orderId);
      const subject = SUBJECTS.delivered(orderId);
      await send({ customerId, subject, text: `Your order ${orderId} has been delivered. Enjoy your tea.` }, context);
    },

    'com.example.order.cancelled': ({ data: { orderId, customerId, reason } }, context) => {
      const text = `Your order ${orderId} is cancelled: ${REASONS[reason]}. What you paid is refunded.`;
      return send({ customerId, subject: SUBJECTS.cancelled(orderId), text }, context);
    },
  });
}

const REASONS: Readonly<Record<CancellationReason, string>> = {
  payment: 'the payment was declined',
  stock: 'something is out of stock',
  customer: 'you asked for it',
  carrier: 'the carrier does not take it',
  timeout: 'it took too long',
};

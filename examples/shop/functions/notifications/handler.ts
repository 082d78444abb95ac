import { type HandlerContext, handlersFor } from 'waybill/consumer';
import type { TenantTable } from 'waybill/tenancy';
import type { CancellationReason } from '../orders/cancellation-reason.ts';
import { UnknownOrderError } from '../unknown-order-error.ts';
import type { Addressee } from './addressee.ts';
import { type CustomerPreferences, isWanted, type MailKind } from './mail-preferences.ts';
import type { Mail, Mailer } from './mailer.ts';
import { SUBJECTS } from './subjects.ts';
import { notifications } from './subscription.ts';

export interface NotificationsDeps {
  readonly addressees: Pick<TenantTable<Addressee>, 'get' | 'within'>;
  readonly preferences: Pick<TenantTable<CustomerPreferences>, 'get' | 'within'>;
  readonly mailer: Mailer;
}

type Context = Pick<HandlerContext, 'signal' | 'idempotencyKey' | 'log'>;

export function createNotificationsHandlers({ addressees, preferences, mailer }: NotificationsDeps) {
  /** An effect outside DynamoDB: what is sent again after a crash goes under the same key, and is dropped there. */
  const send = async (
    kind: MailKind,
    mail: Omit<Mail, 'idempotencyKey'>,
    { signal, idempotencyKey, log }: Context,
  ): Promise<void> => {
    const { customerId, subject } = mail;
    if (!isWanted(kind, await preferences.get({ customerId }))) {
      log.info('mail not wanted', { customer_id: customerId, kind });
      return;
    }
    // one event may be told in two mails
    const key = kind === 'news' ? `${idempotencyKey}/news` : idempotencyKey;
    await mailer.send({ ...mail, idempotencyKey: key }, signal);
    log.info('mail sent', { customer_id: customerId, subject });
  };

  const find = async (orderId: string): Promise<Addressee> => {
    const addressee = await addressees.get({ orderId });
    if (addressee === undefined) throw new UnknownOrderError('notifications', orderId);
    return addressee;
  };

  return handlersFor(notifications, {
    'com.example.account.preferences-changed': ({ data: { accountId, mails } }, { tx }) => {
      preferences.within(tx).put({ Item: { customerId: accountId, mails } });
    },

    'com.example.account.deleted': ({ data: { accountId } }, { tx }) => {
      preferences.within(tx).delete({ Key: { customerId: accountId } });
    },

    'com.example.customer.registered': ({ data: { customerId, by } }, context) => {
      const text = by === 'account' ? WELCOME.account : WELCOME.order;
      return send('account', { customerId, subject: SUBJECTS.welcome, text }, context);
    },

    'com.example.order.placed': ({ data: { orderId, customerId } }, { tx }) => {
      addressees.within(tx).put({ Item: { orderId, customerId } });
    },

    'com.example.shipment.created': async ({ data: { orderId, shipmentId } }, context) => {
      const { customerId } = await find(orderId);
      const text = `Your order ${orderId} has left us as parcel ${shipmentId}.`;
      await send('orders', { customerId, subject: SUBJECTS.shipped(orderId), text }, context);
    },

    'com.example.shipment.delivered': async ({ data: { orderId } }, context) => {
      const { customerId } = await find(orderId);
      const text = `Your order ${orderId} has been delivered. Enjoy your tea.`;
      await send('delivery', { customerId, subject: SUBJECTS.delivered(orderId), text }, context);
      const news = 'While your tea lasts: see what is new in the shop.';
      await send('news', { customerId, subject: SUBJECTS.news(orderId), text: news }, context);
    },

    // also of customers who want no mail on orders: it is about their money
    'com.example.order.cancelled': ({ data: { orderId, customerId, reason } }, context) => {
      const text = `Your order ${orderId} is cancelled: ${REASONS[reason]}. What you paid is refunded.`;
      return send('money', { customerId, subject: SUBJECTS.cancelled(orderId), text }, context);
    },
  });
}

/** Who opens an account has ordered nothing yet. */
const WELCOME = {
  account: 'Welcome to the shop. Your account is open.',
  order: 'Welcome to the shop, and thank you for your first order.',
} as const;

const REASONS: Readonly<Record<CancellationReason, string>> = {
  payment: 'the payment was declined',
  stock: 'something is out of stock',
  customer: 'you asked for it',
  carrier: 'the carrier does not take it',
  timeout: 'it took too long',
};

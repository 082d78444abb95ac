import type { Subscription } from 'waybill';
import { catalog } from '../functions/catalog/subscription.ts';
import { PRICE_LISTS_TABLE_NAME } from '../functions/catalog/table.ts';
import { creditNotes } from '../functions/credit-notes/subscription.ts';
import { CREDIT_NOTES_TABLE_NAME } from '../functions/credit-notes/table.ts';
import { CustomerRegistered } from '../functions/customers/events.ts';
import { customers } from '../functions/customers/subscription.ts';
import { CUSTOMERS_TABLE_NAME } from '../functions/customers/table.ts';
import { notifications } from '../functions/notifications/subscription.ts';
import { MAIL_PREFERENCES_TABLE_NAME, NOTIFICATIONS_TABLE_NAME } from '../functions/notifications/table.ts';
import { MAILER } from './external-systems.ts';
import type { Service } from './services.ts';

/** A consumer that follows what happens, whichever way orders are fulfilled. */
export interface ShopConsumer extends Omit<Service, 'subscriptions'> {
  readonly subscription: Subscription;
  /** Its composition root, from the folder of cdk.json. @default - `index.ts` in the subscription's folder of `functions/shop` */
  readonly entry?: string;
}

export const CONSUMERS: readonly ShopConsumer[] = [
  {
    id: 'Catalog',
    subscription: catalog,
    publishes: [],
    uses: [{ table: 'PriceLists', variable: PRICE_LISTS_TABLE_NAME, actions: ['UpdateItem'] }],
  },
  {
    id: 'Customers',
    subscription: customers,
    publishes: [CustomerRegistered],
    uses: [{ table: 'Customers', variable: CUSTOMERS_TABLE_NAME, actions: ['GetItem', 'PutItem', 'UpdateItem'] }],
  },
  {
    id: 'Notifications',
    subscription: notifications,
    publishes: [],
    uses: [
      { table: 'Notifications', variable: NOTIFICATIONS_TABLE_NAME, actions: ['GetItem', 'PutItem'] },
      {
        table: 'MailPreferences',
        variable: MAIL_PREFERENCES_TABLE_NAME,
        actions: ['GetItem', 'PutItem', 'DeleteItem'],
      },
    ],
    calls: [MAILER],
  },
  {
    id: 'CreditNotes',
    subscription: creditNotes,
    publishes: [],
    uses: [{ table: 'CreditNotes', variable: CREDIT_NOTES_TABLE_NAME, actions: ['PutItem'] }],
  },
];

import { type HandlerContext, handlersFor } from 'waybill/consumer';
import type { UnitOfWork } from 'waybill/outbox';
import type { TenantTable } from 'waybill/tenancy';
import { UnknownOrderError } from '../unknown-order-error.ts';
import { type CountedOrder, type CustomerItem, countedOrderKey, customerKey, type OrderCount } from './customer.ts';
import { CustomerRegistered } from './events.ts';
import { customers } from './subscription.ts';

export interface CustomersDeps {
  readonly table: Pick<TenantTable<CustomerItem>, 'get' | 'within'>;
}

export function createCustomersHandlers({ table }: CustomersDeps) {
  const findOrder = async (orderId: string): Promise<CountedOrder | undefined> => {
    const item = await table.get(countedOrderKey(orderId));
    return item?.kind === 'order' ? item : undefined;
  };

  /** Adds one to what stands there, whoever else does so at the same time. */
  const count = (tx: UnitOfWork, customerId: string, what: OrderCount) =>
    table.within(tx).update({
      Key: customerKey(customerId),
      UpdateExpression: 'ADD #count :one',
      ConditionExpression: 'attribute_exists(id)',
      ExpressionAttributeNames: { '#count': what },
      ExpressionAttributeValues: { ':one': 1 },
    });

  /** Of an account and two first orders at once all but one lose the race, and run again. */
  const register = (tx: UnitOfWork, customerId: string, by: 'account' | 'order') => {
    table.within(tx).put({
      Item: { ...customerKey(customerId), kind: 'customer', customerId, placed: by === 'order' ? 1 : 0 },
      ConditionExpression: 'attribute_not_exists(id)',
    });
    tx.publish(CustomerRegistered, { customerId, by });
  };

  /** Counts an order as this once, also when its event comes again after the consumer has forgotten it. */
  const countAs =
    (what: OrderCount) =>
    async ({ data: { orderId } }: { readonly data: { readonly orderId: string } }, { tx }: HandlerContext) => {
      const order = await findOrder(orderId);
      if (order === undefined) throw new UnknownOrderError('customers', orderId);
      if (order.countedAs.includes(what)) return;
      table.within(tx).update({
        Key: countedOrderKey(orderId),
        UpdateExpression: 'SET countedAs = :after',
        ConditionExpression: 'countedAs = :before',
        ExpressionAttributeValues: { ':before': order.countedAs, ':after': [...order.countedAs, what] },
      });
      count(tx, order.customerId, what);
    };

  return handlersFor(customers, {
    // people order as their account: its id is the customer's
    'com.example.account.registered': async ({ data: { accountId } }, { tx, log }) => {
      if ((await table.get(customerKey(accountId))) !== undefined) return;
      register(tx, accountId, 'account');
      log.info('customer registered', { customer_id: accountId });
    },

    'com.example.order.placed': async ({ data: { orderId, customerId } }, { tx, log }) => {
      if ((await findOrder(orderId)) !== undefined) return;
      const order: CountedOrder = { kind: 'order', orderId, customerId, countedAs: ['placed'] };
      table.within(tx).put({
        Item: { ...countedOrderKey(orderId), ...order },
        ConditionExpression: 'attribute_not_exists(id)',
      });
      const isKnown = (await table.get(customerKey(customerId))) !== undefined;
      if (isKnown) return count(tx, customerId, 'placed');
      register(tx, customerId, 'order');
      log.info('customer registered', { customer_id: customerId });
    },

    'com.example.shipment.created': countAs('shipped'),

    'com.example.order.cancelled': countAs('cancelled'),
  });
}

import { handlersFor } from '../../../lib/consumer/index.ts';
import type { UnitOfWork } from '../../../lib/outbox/index.ts';
import type { TenantTable } from '../../../lib/tenancy/index.ts';
import { UnknownOrderError } from '../unknown-order-error.ts';
import { type CustomerItem, customerKey, type OrderCount, orderOwnerKey } from './customer.ts';
import { CustomerRegistered } from './events.ts';
import { customers } from './subscription.ts';

export interface CustomersDeps {
  readonly table: TenantTable<CustomerItem>;
}

export function createCustomersHandlers({ table }: CustomersDeps) {
  /** Adds one to what stands there, whoever else does so at the same time. */
  const count = (tx: UnitOfWork, customerId: string, what: OrderCount) =>
    table.within(tx).update({
      Key: customerKey(customerId),
      UpdateExpression: 'ADD #count :one',
      ConditionExpression: 'attribute_exists(id)',
      ExpressionAttributeNames: { '#count': what },
      ExpressionAttributeValues: { ':one': 1 },
    });

  /** Of two first orders one loses the race, and runs again as the second. */
  const register = (tx: UnitOfWork, customerId: string) => {
    table.within(tx).put({
      Item: { ...customerKey(customerId), kind: 'customer', customerId, placed: 1 },
      ConditionExpression: 'attribute_not_exists(id)',
    });
    tx.publish(CustomerRegistered, { customerId });
  };

  const ownerOf = async (orderId: string): Promise<string> => {
    const owner = await table.get(orderOwnerKey(orderId));
    if (owner?.kind !== 'order') throw new UnknownOrderError('customers', orderId);
    return owner.customerId;
  };

  return handlersFor(customers, {
    'com.example.order.placed': async ({ data: { orderId, customerId } }, { tx, log }) => {
      table.within(tx).put({ Item: { ...orderOwnerKey(orderId), kind: 'order', orderId, customerId } });
      const isKnown = (await table.get(customerKey(customerId))) !== undefined;
      if (isKnown) return count(tx, customerId, 'placed');
      register(tx, customerId);
      log.info('customer registered', { customer_id: customerId });
    },

    'com.example.shipment.created': async ({ data: { orderId } }, { tx }) =>
      count(tx, await ownerOf(orderId), 'shipped'),

    'com.example.order.cancelled': ({ data: { customerId } }, { tx }) => count(tx, customerId, 'cancelled'),
  });
}

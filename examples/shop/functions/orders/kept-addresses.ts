import type { KeyOf } from 'waybill';
import type { UnitOfWork } from 'waybill/outbox';
import type { Clock } from 'waybill/runtime';
import type { TenantTable } from 'waybill/tenancy';
import * as z from '../zod.ts';
import type { Address } from './address.ts';
import { ADDRESS_RETENTION_SECONDS, type DeliveryAddress } from './delivery-address.ts';
import type { Order } from './order.ts';
import type { CUSTOMER_ADDRESSES_TABLE } from './table.ts';

/** Says of an address whose it is; and of a customer, under `CUSTOMER_GONE`, that their account is deleted. */
export const customerAddressSchema = z.object({
  customerId: z.string(),
  orderId: z.string(),
  /** `open`: the order may still be shipped there. `ended`: it will not. `due`: it is deleted as soon as the order ends. */
  state: z.enum(['open', 'ended', 'due', 'customer-gone']),
  /** Epoch seconds, from which on DynamoDB deletes it. */
  expires: z.int(),
});

type CustomerAddress = z.infer<typeof customerAddressSchema>;

/** No order id: those have no such sign. */
const CUSTOMER_GONE = '#gone';

export interface KeptAddressesDeps {
  readonly addresses: Pick<TenantTable<DeliveryAddress>, 'get' | 'within' | 'delete'>;
  readonly ofCustomers: Pick<
    TenantTable<CustomerAddress, KeyOf<typeof CUSTOMER_ADDRESSES_TABLE>>,
    'getBatch' | 'query' | 'within' | 'put' | 'update' | 'delete'
  >;
  readonly clock: Clock;
}

type OwnedOrder = Pick<Order, 'orderId' | 'customerId'>;

/**
 * The addresses that the shop keeps of orders. They go with the account of their customer; that of an order which is not
 * shipped or cancelled yet as soon as it is, since its parcel still needs it.
 */
export interface KeptAddresses {
  find(orderId: string): Promise<Address | undefined>;
  /** Within the transaction that places the order. */
  keep(tx: UnitOfWork, order: OwnedOrder, address: Address): void;
  /** Within the transaction that ends the order. */
  orderEnded(tx: UnitOfWork, order: OwnedOrder): Promise<void>;
  /** In transactions of its own, since there may be many; safe to repeat. */
  customerGone(customerId: string): Promise<void>;
}

/** Not all of them at once, and not one after another. */
const AT_A_TIME = 10;

/** What the address is in, as long as nobody else has changed it. */
const ifStill = (state: CustomerAddress['state']) => ({
  ConditionExpression: '#state = :before',
  ExpressionAttributeNames: { '#state': 'state' },
  ExpressionAttributeValues: { ':before': state },
});

/**
 * The end of an order and the end of an account may come at the same time. Both change the same item on condition, so that
 * the second one sees the first. An order that is placed after the end of its account, with a token that is still valid,
 * finds that mark when it ends.
 */
export function createKeptAddresses({ addresses, ofCustomers, clock }: KeptAddressesDeps): KeptAddresses {
  const expiry = () => Math.floor(clock.now() / 1000) + ADDRESS_RETENTION_SECONDS;

  const setState = (key: { readonly customerId: string; readonly orderId: string }, state: 'ended' | 'due') => {
    const { ExpressionAttributeValues, ...condition } = ifStill('open');
    return {
      Key: key,
      UpdateExpression: 'SET #state = :after',
      ...condition,
      ExpressionAttributeValues: { ...ExpressionAttributeValues, ':after': state },
    };
  };

  const forget = async ({ customerId, orderId, state }: CustomerAddress): Promise<void> => {
    const Key = { customerId, orderId };
    if (state === 'open') await ofCustomers.update(setState(Key, 'due'));
    if (state !== 'ended') return;
    await addresses.delete({ Key: { orderId } });
    await ofCustomers.delete({ Key });
  };

  return {
    find: async (orderId) => (await addresses.get({ orderId }))?.address,

    keep(tx, { orderId, customerId }, address) {
      const expires = expiry();
      addresses.within(tx).put({ Item: { orderId, address, expires } });
      ofCustomers.within(tx).put({ Item: { customerId, orderId, state: 'open', expires } });
    },

    async orderEnded(tx, { orderId, customerId }) {
      const Key = { customerId, orderId };
      const [own, gone] = await ofCustomers.getBatch([Key, { customerId, orderId: CUSTOMER_GONE }]);
      // without an address, or placed before addresses were kept by customer
      if (own === undefined || own.state === 'ended') return;
      if (own.state === 'due' || gone !== undefined) {
        addresses.within(tx).delete({ Key: { orderId } });
        ofCustomers.within(tx).delete({ Key, ...ifStill(own.state) });
      } else ofCustomers.within(tx).update(setState(Key, 'ended'));
    },

    async customerGone(customerId) {
      // first: an order that ends from now on finds it
      await ofCustomers.put({
        Item: { customerId, orderId: CUSTOMER_GONE, state: 'customer-gone', expires: expiry() },
      });
      let after: string | undefined;
      do {
        const { items, next } = await ofCustomers.query({
          partition: customerId,
          limit: AT_A_TIME,
          ...(after === undefined ? {} : { after }),
        });
        await Promise.all(items.map(forget));
        after = next;
      } while (after !== undefined);
    },
  };
}

import type { SagaRecord } from '../../../../lib/saga/index.ts';
import { counted } from '../../../../local/view/counted.ts';
import { describeOrder, orderKey } from '../orders/order-key.ts';
import { type Invariant, invariant } from './invariant.ts';
import type { Owned } from './owned-items.ts';
import type { ShopFacts } from './shop-facts.ts';

/** How a saga ends for an order that ends so. */
const END_OF: Readonly<Record<string, SagaRecord['status']>> = {
  shipped: 'completed',
  cancelled: 'compensated',
  'in-review': 'running',
};

/** Each order's saga has come to the end that the order has: none is at work, or in need of an operator. */
export function checkSagas(
  { orders }: Pick<ShopFacts, 'orders'>,
  sagas: readonly Owned<Pick<SagaRecord, 'sagaId' | 'status'>>[],
): Invariant {
  const statuses = new Map(
    sagas.map(({ tenantId, item: { sagaId, status } }) => [orderKey({ tenantId, orderId: sagaId }), status]),
  );
  const ofOrders = orders.flatMap(({ tenantId, item: { orderId, status } }) => {
    const key = orderKey({ tenantId, orderId });
    const saga = statuses.get(key);
    statuses.delete(key);
    return saga !== undefined && saga === END_OF[status]
      ? []
      : [`${describeOrder(key)} is ${status}, and its saga ${saga ?? 'does not exist'}`];
  });
  const ofNobody = [...statuses].map(
    ([key, status]) => `a saga of ${describeOrder(key)} is ${status}; there is no such order`,
  );
  return invariant(
    'sagas: each has come to the end of its order',
    [counted(sagas.length, 'saga')],
    [...ofOrders, ...ofNobody],
  );
}

import { counted } from '../../../../local/view/counted.ts';
import { type Invariant, invariant, ofTenant } from './invariant.ts';
import { byTenant, type ShopFacts } from './shop-facts.ts';

interface Counts {
  readonly placed: number;
  readonly shipped: number;
  readonly cancelled: number;
}

/** Of each customer the shop has counted the orders that there are. */
export function checkCustomers({
  tenantIds,
  orders,
  customers,
}: Pick<ShopFacts, 'tenantIds' | 'orders' | 'customers'>): Invariant {
  const ordersOf = byTenant(orders);
  const customersOf = byTenant(customers);
  const wrong: string[] = [];
  let known = 0;
  for (const tenantId of tenantIds) {
    const byCustomer = Map.groupBy(ordersOf.of(tenantId), ({ customerId }) => customerId);
    const countsOf = new Map(
      customersOf.of(tenantId).flatMap((item) => (item.kind === 'customer' ? [[item.customerId, item] as const] : [])),
    );
    known += countsOf.size;
    for (const customerId of new Set([...byCustomer.keys(), ...countsOf.keys()])) {
      const own = byCustomer.get(customerId) ?? [];
      const count = (wanted: string) => own.filter(({ status }) => status === wanted).length;
      const there = tell({ placed: own.length, shipped: count('shipped'), cancelled: count('cancelled') });
      const told = tell(countsOf.get(customerId) ?? NONE);
      if (told !== there) wrong.push(`${customerId}${ofTenant(tenantId)} has ${there}; counted are ${told}`);
    }
  }
  return invariant('customers: their orders are counted once', [counted(known, 'customer')], wrong);
}

const NONE: Counts = { placed: 0, shipped: 0, cancelled: 0 };

const tell = ({ placed, shipped, cancelled }: Counts): string =>
  `${placed} placed, ${shipped} shipped, ${cancelled} cancelled`;

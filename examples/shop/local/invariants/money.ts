import type { Order } from '../../functions/orders/order.ts';
import type { Payment } from '../../functions/payments/payment.ts';
import type { ExternalLedger } from '../external/ledger.ts';
import { formatAmount } from '../orders/amount.ts';
import { describeOrder, orderKey } from '../orders/order-key.ts';
import { type Invariant, invariant, ofTenant } from './invariant.ts';
import { byTenant, type ShopFacts, sum } from './shop-facts.ts';

/** Captured minus refunded is what the shipped orders come to, in the shop's own books: order by order. */
export function checkMoneyOfPayments({ tenantIds, orders, payments }: ShopFacts): Invariant {
  const ordersOf = byTenant(orders);
  const paymentsOf = byTenant(payments);
  const compared: string[] = [];
  const wrong: string[] = [];
  for (const tenantId of tenantIds) {
    const byOrder = new Map(paymentsOf.of(tenantId).map((payment) => [payment.orderId, payment]));
    const captured = sum([...byOrder.values()].map(capturedOf));
    const refunded = sum([...byOrder.values()].map(refundedOf));
    const shipped = sum(ordersOf.of(tenantId).map(owedOf));
    const balance = describeBalance(captured, refunded, shipped, tenantId);
    if (captured - refunded === shipped) compared.push(balance);
    else wrong.push(balance);
    for (const order of ordersOf.of(tenantId)) {
      const payment = byOrder.get(order.orderId);
      const kept = payment === undefined ? 0 : capturedOf(payment) - refundedOf(payment);
      if (kept === owedOf(order)) continue;
      const name = describeOrder(orderKey({ tenantId, orderId: order.orderId }));
      const status = payment === undefined ? 'nothing is paid' : `its payment is ${payment.status}`;
      wrong.push(`${name} is ${order.status} and comes to £${formatAmount(order.total.minorUnits)}, but ${status}`);
    }
  }
  return invariant('money: payments keep what was shipped', compared, wrong);
}

/** The same in the gateway's books: it took each payment once, and gave back what the shop says it did. */
export function checkMoneyOfGateway(
  { tenantIds, orders, payments }: ShopFacts,
  books: Pick<ExternalLedger, 'charges' | 'refunds'>,
): Invariant {
  const ordersOf = byTenant(orders);
  const paymentsOf = byTenant(payments);
  const taken = books.charges.filter(({ state }) => state === 'CAPTURED');
  const chargesOf = Map.groupBy(taken, ({ txnRef }) => txnRef);
  const refundsOf = Map.groupBy(books.refunds, ({ txnRef }) => txnRef);
  const known = new Set<string>();
  const compared: string[] = [];
  const wrong: string[] = [];
  for (const tenantId of tenantIds) {
    const own = paymentsOf.of(tenantId).flatMap((payment) => ('paymentId' in payment ? [payment] : []));
    const byOrder = new Map(ordersOf.of(tenantId).map((order) => [order.orderId, order]));
    for (const { orderId, paymentId } of own) {
      const name = describeOrder(orderKey({ tenantId, orderId }));
      if (known.has(paymentId)) wrong.push(`payment ${paymentId} of ${name} is another order's, too`);
      known.add(paymentId);
      const charges = chargesOf.get(paymentId) ?? [];
      if (charges.length !== 1) wrong.push(`${name} was charged ${charges.length} times`);
      else if (charges[0]?.reference !== orderId) wrong.push(`${name} was charged for order ${charges[0]?.reference}`);
      const order = byOrder.get(orderId);
      const kept = sum(amountsOf(charges)) - sum(amountsOf(refundsOf.get(paymentId)));
      const owed = order === undefined ? 0 : owedOf(order);
      if (kept !== owed) {
        const status = order === undefined ? 'does not exist' : `is ${order.status}`;
        wrong.push(`${name} ${status}: the gateway keeps £${formatAmount(kept)}, and £${formatAmount(owed)} is owed`);
      }
    }
    const captured = sum(own.flatMap(({ paymentId }) => amountsOf(chargesOf.get(paymentId))));
    const refunded = sum(own.flatMap(({ paymentId }) => amountsOf(refundsOf.get(paymentId))));
    const shipped = sum(ordersOf.of(tenantId).map(owedOf));
    const balance = describeBalance(captured, refunded, shipped, tenantId);
    if (captured - refunded === shipped) compared.push(balance);
    else wrong.push(balance);
  }
  for (const { txnRef = '', reference } of taken) {
    if (!known.has(txnRef)) wrong.push(`payment ${txnRef} of order ${reference} was taken, and no payment tells of it`);
  }
  return invariant('money: the gateway charged once and keeps what was shipped', compared, wrong);
}

const amountsOf = (entries: readonly { readonly minorUnits: number }[] = []): number[] =>
  entries.map(({ minorUnits }) => minorUnits);

const owedOf = ({ status, total }: Order): number => (status === 'shipped' ? total.minorUnits : 0);

const capturedOf = (payment: Payment): number =>
  payment.status === 'captured' || payment.status === 'refunded' ? payment.amount.minorUnits : 0;

const refundedOf = (payment: Payment): number => (payment.status === 'refunded' ? payment.amount.minorUnits : 0);

const describeBalance = (captured: number, refunded: number, shipped: number, tenantId: string | undefined): string =>
  `captured £${formatAmount(captured)}, refunded £${formatAmount(refunded)}, shipped £${formatAmount(shipped)}${ofTenant(tenantId)}`;

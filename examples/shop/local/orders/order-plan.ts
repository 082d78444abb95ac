import type { Money } from '../../functions/money.ts';
import type { OrderCommand } from './order-command.ts';

export interface Product {
  readonly sku: string;
  readonly name: string;
  /** Null of goods that are sold at a price of their own each time. */
  readonly price: Money | null;
}

export type OrderStep =
  | { readonly kind: 'place'; readonly order: OrderCommand }
  /** Of an order that an earlier step places. */
  | { readonly kind: 'cancel'; readonly orderId: string };

/** What customers do, and what the shop has to have before they do it. */
export interface OrderPlan {
  readonly steps: readonly OrderStep[];
  /** What the catalog has to know. */
  readonly products: readonly Product[];
  /** Pieces on hand at the start, by SKU. */
  readonly stock: ReadonlyMap<string, number>;
}

/** So that there is something to sell when all orders of the plan are shipped. */
export const SPARE_PIECES = 100;

/** Pieces of each SKU for all orders, and some to spare. */
export function stockForAll(steps: readonly OrderStep[]): Map<string, number> {
  const stock = new Map<string, number>();
  for (const step of steps) {
    if (step.kind !== 'place') continue;
    for (const { sku, quantity } of step.order.lines) stock.set(sku, (stock.get(sku) ?? SPARE_PIECES) + quantity);
  }
  return stock;
}

import { CURRENCY } from './amount.ts';
import type { OrderCommand } from './order-command.ts';

interface Product {
  readonly sku: string;
  readonly priceMinorUnits: number;
}

const CATALOGUE: readonly Product[] = [
  { sku: 'TEA-ASSAM-250G', priceMinorUnits: 695 },
  { sku: 'TEA-DARJEELING-100G', priceMinorUnits: 1_250 },
  { sku: 'TEAPOT-CAST-IRON', priceMinorUnits: 4_900 },
  { sku: 'CUP-PORCELAIN', priceMinorUnits: 825 },
  { sku: 'KETTLE-COPPER', priceMinorUnits: 7_450 },
  { sku: 'STRAINER-STEEL', priceMinorUnits: 380 },
  { sku: 'BISCUIT-SHORTBREAD', priceMinorUnits: 450 },
  { sku: 'TOWEL-LINEN', priceMinorUnits: 1_195 },
];

const FIRST_ORDER_NUMBER = 1001;
const CUSTOMERS = 500;
const MOST_LINES = 4;
const MOST_PIECES = 3;

/**
 * Orders of a small tea shop: 1001, 1002, …
 * @param random from 0 up to, not including, 1; it alone decides what is ordered
 */
export function* generateOrders(count: number, random: () => number): Generator<OrderCommand> {
  const upTo = (max: number) => 1 + Math.floor(random() * max);
  for (let index = 0; index < count; index++) {
    const customer = upTo(CUSTOMERS);
    const products = pick(upTo(MOST_LINES), random).map((product) => ({ ...product, quantity: upTo(MOST_PIECES) }));
    yield {
      orderId: String(FIRST_ORDER_NUMBER + index),
      customerId: `customer-${String(customer).padStart(3, '0')}`,
      lines: products.map(({ sku, quantity }) => ({ sku, quantity })),
      total: {
        currency: CURRENCY,
        minorUnits: products.reduce((sum, { priceMinorUnits, quantity }) => sum + priceMinorUnits * quantity, 0),
      },
    };
  }
}

/** Different products of the catalogue, drawn one after another. */
function pick(count: number, random: () => number): Product[] {
  const left = [...CATALOGUE];
  return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)).flat();
}

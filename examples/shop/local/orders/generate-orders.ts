import { createRandom } from '../../../../local/seeded-random.ts';
import { CURRENCY } from './amount.ts';
import { CATALOGUE, type CatalogueEntry, LARGE_ORDER, SCARCE_PRODUCT } from './catalogue.ts';
import { customerDetails } from './customer-details.ts';
import type { OrderCommand } from './order-command.ts';
import { drawFates, type OrderFate } from './order-fates.ts';
import { type OrderPlan, type OrderStep, stockForAll } from './order-plan.ts';

const FIRST_ORDER_NUMBER = 1001;
const CUSTOMERS = 500;
const MOST_LINES = 4;
const MOST_PIECES = 3;

/** Fates are drawn apart from orders: what one customer does changes no other's order. */
const FATES_SEED = 0x5eed;

const PRODUCTS = [...CATALOGUE, SCARCE_PRODUCT];

type Line = CatalogueEntry & { readonly quantity: number };

/** Orders of a small tea shop: 1001, 1002, …, some of which cannot be fulfilled. The same seed makes the same ones. */
export function generateOrders(count: number, seed: number): OrderPlan {
  const ordinary = drawOrders(createRandom(seed));
  const fates = drawFates(createRandom(seed ^ FATES_SEED));
  const steps: OrderStep[] = [];
  let scarceOrders = 0;
  for (let index = 0; index < count; index++) {
    const { customerId, lines } = ordinary.next().value;
    const fate = fates.next().value;
    const order = toOrder(String(FIRST_ORDER_NUMBER + index), customerId, linesOf(fate, lines));
    steps.push({ kind: 'place', order });
    if (fate === 'cancelled') steps.push({ kind: 'cancel', orderId: order.orderId });
    if (fate === 'scarce') scarceOrders++;
  }
  return {
    steps,
    products: PRODUCTS.map(({ sku, name, priceMinorUnits }) => ({
      sku,
      name,
      price: { currency: CURRENCY, minorUnits: priceMinorUnits },
    })),
    stock: stockForAll(steps).set(SCARCE_PRODUCT.sku, Math.floor(scarceOrders / 2)),
  };
}

interface Ordinary {
  readonly customerId: string;
  readonly lines: readonly Line[];
}

function* drawOrders(random: () => number): Generator<Ordinary, never> {
  const upTo = (max: number) => 1 + Math.floor(random() * max);
  for (;;) {
    const customer = upTo(CUSTOMERS);
    const lines = pick(upTo(MOST_LINES), random).map((product) => ({ ...product, quantity: upTo(MOST_PIECES) }));
    yield { customerId: `customer-${String(customer).padStart(3, '0')}`, lines };
  }
}

function linesOf(fate: OrderFate, ordinary: readonly Line[]): readonly Line[] {
  if (fate === 'scarce') return [{ ...SCARCE_PRODUCT, quantity: 1 }];
  if (fate !== 'large') return ordinary;
  const { sku, quantity } = LARGE_ORDER;
  return CATALOGUE.filter((product) => product.sku === sku).map((product) => ({ ...product, quantity }));
}

const toOrder = (orderId: string, customerId: string, lines: readonly Line[]): OrderCommand => ({
  orderId,
  customerId,
  lines: lines.map(({ sku, quantity }) => ({ sku, quantity })),
  total: {
    currency: CURRENCY,
    minorUnits: lines.reduce((sum, { priceMinorUnits, quantity }) => sum + priceMinorUnits * quantity, 0),
  },
  ...customerDetails(customerId),
});

/** Different products of the catalogue, drawn one after another. */
function pick(count: number, random: () => number): CatalogueEntry[] {
  const left = [...CATALOGUE];
  return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)).flat();
}

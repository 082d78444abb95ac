import { createRandom } from '../../../../../local/seeded-random.ts';
import { CURRENCY } from '../../orders/amount.ts';
import type { Article, Assortment } from './assortment.ts';
import type { StockList } from './stock-list.ts';

/** Who works on the products of two suppliers. */
export interface ProductEditor {
  /** What both sell at the start. */
  fill(products: readonly Article[]): void;
  /** Some changes, at both. */
  step(): void;
  /** Time passes at the suppliers, so that nothing of theirs is fresh. */
  rest(): void;
}

/** Products beside those that are ordered: these may lose their price, and be removed. */
const OTHERS = 60;

const SECONDS_OF_REST = 3600;

/** So often somebody at supplier B counts the customer's stock, and counts it wrong. */
const WRONG_COUNT = 0.3;

/** Longer than the lag of the sync, and within its overlap. */
const MOST_LATE_SECONDS = 500;

/**
 * Changes products at random, the same ones for the same seed. Products that are ordered keep their price and stay, since
 * an order was agreed at it.
 */
export function createProductEditor(
  seed: number,
  { a, b, stock }: { readonly a: Assortment; readonly b: Assortment; readonly stock: StockList },
): ProductEditor {
  const random = createRandom(seed);
  const upTo = (most: number) => Math.floor(random() * most);
  const both = [a, b] as const;
  const ordered = new Set<string>();
  let edits = 0;

  const pick = <Value>(values: readonly Value[]): Value | undefined => values[upTo(values.length)];
  const nameOf = ({ name }: Article) => `${name.replace(/, edition \d+$/, '')}, edition ${++edits}`;
  const priceOf = ({ sku, price }: Article) =>
    ordered.has(sku) ? price : { currency: CURRENCY, minorUnits: 100 + upTo(9_900) };

  const change = (at: Assortment, lateBySeconds = 0) => {
    const line = pick(at.sold());
    if (line === undefined) return;
    const isNameChanged = ordered.has(line.sku) || random() < 0.5;
    at.put(
      { ...line, ...(isNameChanged ? { name: nameOf(line) } : { price: priceOf(line) }) },
      { lateBySeconds, isDrifted: line.isDrifted },
    );
  };
  const add = (at: Assortment) => {
    const other = both.find((one) => one !== at);
    const line = pick(other?.sold() ?? []);
    if (line !== undefined && at.line(line.sku)?.isRemoved !== false) at.put({ ...line, price: priceOf(line) });
  };
  const remove = (at: Assortment) => {
    const line = pick(at.sold().filter(({ sku }) => !ordered.has(sku)));
    if (line !== undefined) at.remove(line.sku);
  };
  /** Of the customer's own stock. */
  const miscount = () => {
    const line = pick(b.sold());
    if (line !== undefined) stock.set(line.sku, upTo(50));
  };
  const edit = (at: Assortment) => {
    const kind = random();
    if (kind < 0.12) remove(at);
    else if (kind < 0.24) add(at);
    else if (kind < 0.4) change(at, upTo(MOST_LATE_SECONDS));
    else if (kind < 0.55) for (let tie = 0; tie < 4; tie++) change(at);
    else change(at);
    // often none: rows of the same second
    at.clock.advance(random() < 0.4 ? 0 : upTo(30));
  };

  return {
    fill(products) {
      const others = Array.from({ length: OTHERS }, (_, index): Article => {
        const number = String(index + 1).padStart(2, '0');
        const price = { currency: CURRENCY, minorUnits: 100 + upTo(9_900) };
        return { sku: `SAMPLE-${number}`, name: `Tea of the month no. ${number}`, price };
      });
      for (const { sku } of products) ordered.add(sku);
      for (const product of [...products, ...others]) {
        const known = random();
        if (known < 0.8) a.put(product);
        if (known >= 0.3) b.put(product);
        a.clock.advance(upTo(2));
      }
      const [broken] = others;
      if (broken !== undefined) a.put(broken, { isDrifted: true });
      this.rest();
    },
    step() {
      for (let left = 1 + upTo(4); left > 0; left--) edit(pick(both) ?? a);
      if (random() < WRONG_COUNT) miscount();
    },
    rest: () => both.forEach(({ clock }) => void clock.advance(SECONDS_OF_REST)),
  };
}

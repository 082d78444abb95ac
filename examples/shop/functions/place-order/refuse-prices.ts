import { WaybillError } from 'waybill';
import type { Prices } from '../catalog/price-list.ts';
import type { Money } from '../money.ts';
import type { OrderLine } from '../orders/events.ts';

/** The order has lines of products that the catalog does not know. */
class UnknownSkuError extends WaybillError {
  readonly code = 'PLACE_ORDER_SKU_UNKNOWN';
  readonly skus: readonly string[];

  constructor(skus: readonly string[]) {
    super(
      `the order cannot be placed: the catalog has no product '${skus.join("', '")}': add it with change-product, or leave the line out`,
    );
    this.skus = skus;
  }
}

/** The order's total is not what its lines cost. */
class OrderTotalError extends WaybillError {
  readonly code = 'PLACE_ORDER_TOTAL_WRONG';
  readonly expected: Money;

  constructor(given: Money, expected: Money) {
    super(
      `the order cannot be placed: its total is ${describe(given)}, by the price list its lines cost ${describe(expected)}: read the prices again and ask the customer`,
    );
    this.expected = expected;
  }
}

/** The order's lines have prices in several currencies. */
class MixedCurrenciesError extends WaybillError {
  readonly code = 'PLACE_ORDER_CURRENCIES_MIXED';

  constructor(currencies: readonly string[]) {
    super(
      `the order cannot be placed: its lines have prices in ${currencies.join(' and ')}: place an order for each currency`,
    );
  }
}

/**
 * Why an order cannot be placed at these prices; undefined when it can. Where a line's price is open, any total will do.
 */
export function refusePrices(
  { lines, total }: { readonly lines: readonly OrderLine[]; readonly total: Money },
  prices: Prices,
): WaybillError | undefined {
  const unknown = [...new Set(lines.map(({ sku }) => sku))].filter((sku) => !prices.has(sku));
  if (unknown.length > 0) return new UnknownSkuError(unknown);
  const costs = lines.flatMap(({ sku, quantity }) => {
    const price = prices.get(sku) ?? null;
    return price === null ? [] : [{ currency: price.currency, minorUnits: price.minorUnits * quantity }];
  });
  const [first] = costs;
  if (first === undefined || costs.length < lines.length) return undefined;
  const { currency } = first;
  const currencies = [...new Set(costs.map((cost) => cost.currency))];
  if (currencies.length > 1) return new MixedCurrenciesError(currencies);
  const minorUnits = costs.reduce((sum, cost) => sum + cost.minorUnits, 0);
  if (total.currency === currency && total.minorUnits === minorUnits) return undefined;
  return new OrderTotalError(total, { currency, minorUnits });
}

const describe = ({ currency, minorUnits }: Money): string => `${minorUnits} minor units of ${currency}`;

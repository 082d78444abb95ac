import { WaybillError } from '../../../../lib/definitions/index.ts';
import { SUMMARY_STATUSES } from '../../functions/order-overview/order-summary.ts';
import type { FoundOrders } from '../../functions/order-overview/query/handler.ts';
import type { Revenue } from '../../functions/revenue-by-day/query/handler.ts';
import { CURRENCY } from '../orders/amount.ts';
import type { CallFunction } from '../orders/function-calls.ts';
import { tenantOf } from '../orders/send-command.ts';
import type { Shop } from '../orders/shop.ts';
import type { TenantIds } from '../orders/shop-command.ts';
import type { ReadModels } from './read-model.ts';

/** A query function did not answer. */
class QueryError extends WaybillError {
  readonly code = 'LOCAL_QUERY_FAILED';
}

export interface QueryDeps {
  readonly call: CallFunction;
  readonly shop: Shop;
  readonly signal: AbortSignal;
}

/** The most that the function gives. */
const ORDERS_PER_PAGE = 100;

/**
 * Asks the read models as any user of theirs would, one tenant after another. A view that does not answer is a finding
 * like any other, told in `unanswered`.
 * @param years of the events: `2026`, …
 */
export async function queryReadModels(
  tenantIds: TenantIds,
  years: readonly string[],
  { call, shop, signal }: QueryDeps,
): Promise<ReadModels[]> {
  const ask = async (functionName: string, query: object): Promise<unknown> => {
    const result = await call(functionName, query, signal);
    if (result.kind === 'answered') return result.answer;
    throw new QueryError(`${functionName} did not answer ${JSON.stringify(query)}: ${result.reason}`);
  };

  const ordersIn = async (tenantId: string | undefined, status: string) => {
    const query = { ...tenantOf({ tenantId }), status, limit: ORDERS_PER_PAGE };
    const found = [];
    for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
      const page = (await ask(shop.queryOrdersFunctionName, { ...query, after })) as FoundOrders;
      found.push(...page.orders);
      after = page.next;
    }
    return found;
  };

  const daysIn = async (tenantId: string | undefined, period: string) => {
    const query = { ...tenantOf({ tenantId }), currency: CURRENCY, period };
    return ((await ask(shop.queryRevenueFunctionName, query)) as Revenue).days;
  };

  const models: ReadModels[] = [];
  for (const tenantId of tenantIds) {
    const orders = await allOf(SUMMARY_STATUSES.map((status) => ordersIn(tenantId, status)));
    const days = await allOf(years.map((year) => daysIn(tenantId, year)));
    models.push({
      tenantId,
      orders: orders.items,
      days: days.items,
      unanswered: { orders: orders.unanswered, days: days.unanswered },
    });
  }
  return models;
}

async function allOf<Item>(
  asked: readonly Promise<readonly Item[]>[],
): Promise<{ readonly items: readonly Item[]; readonly unanswered?: string }> {
  try {
    return { items: (await Promise.all(asked)).flat() };
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { items: [], unanswered: error.message };
  }
}

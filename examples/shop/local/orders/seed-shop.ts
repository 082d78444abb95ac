import { WaybillError } from '../../../../lib/definitions/index.ts';
import type { CallFunction } from './function-calls.ts';
import type { OrderPlan } from './order-plan.ts';
import { tenantOf } from './send-command.ts';
import type { Shop } from './shop.ts';
import type { TenantIds } from './shop-command.ts';

/** The shop did not take what it needs before anybody can order. */
class SeedError extends WaybillError {
  readonly code = 'LOCAL_SEED_REFUSED';
}

export interface SeedDeps {
  readonly call: CallFunction;
  readonly shop: Shop;
  readonly signal: AbortSignal;
}

const AT_A_TIME = 4;

/**
 * Tells the catalog of each tenant what is sold, and takes the stock in.
 * @throws SeedError `LOCAL_SEED_REFUSED` with the shop's reason, or the signal's reason
 */
export async function seedShop(
  { products, stock }: Pick<OrderPlan, 'products' | 'stock'>,
  tenantIds: TenantIds,
  { call, shop, signal }: SeedDeps,
): Promise<void> {
  const { changeProductFunctionName, receiveStockFunctionName } = shop;
  const calls = tenantIds.flatMap((tenantId) => [
    ...products.map((product) => [changeProductFunctionName, { ...product, ...tenantOf({ tenantId }) }] as const),
    ...[...stock]
      .filter(([, quantity]) => quantity > 0)
      .map(([sku, quantity]) => {
        const receipt = { receiptId: `opening-${sku}`, sku, quantity, ...tenantOf({ tenantId }) };
        return [receiveStockFunctionName, receipt] as const;
      }),
  ]);
  const left = calls.values();
  const work = async () => {
    for (const [functionName, payload] of left) {
      const result = await call(functionName, payload, signal);
      // a missing grant ends the run with a reason of its own
      signal.throwIfAborted();
      if (result.kind === 'failed') throw new SeedError(`${payload.sku} could not be stocked: ${result.reason}`);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
}

import { WaybillError } from '../../lib/contracts/index.ts';
import type { Deployment } from '../template/deployment.ts';

/** The stacks have no shop to place orders in. */
class NoShopError extends WaybillError {
  readonly code = 'LOCAL_NO_SHOP';
  readonly retryable = false;
}

/** Where orders go in, and where it is seen what became of them. */
export interface Shop {
  readonly placeOrderFunctionName: string;
  readonly ordersTableName: string;
  /** The outputs of its stack, by name. */
  readonly outputs: ReadonlyMap<string, string>;
}

const OUTPUT = { placeOrderFunctionName: 'PlaceOrderFunctionName', ordersTableName: 'OrdersTableName' } as const;

/** @throws NoShopError `LOCAL_NO_SHOP` when no stack has both outputs */
export function findShop({ outputs: stacks }: Pick<Deployment, 'outputs'>): Shop {
  for (const outputs of stacks.values()) {
    const placeOrderFunctionName = outputs.get(OUTPUT.placeOrderFunctionName);
    const ordersTableName = outputs.get(OUTPUT.ordersTableName);
    if (placeOrderFunctionName !== undefined && ordersTableName !== undefined) {
      return { placeOrderFunctionName, ordersTableName, outputs };
    }
  }
  throw new NoShopError(
    `a stack must have the outputs ${Object.values(OUTPUT).join(' and ')}; there are ${[...stacks.keys()].join(', ')}`,
  );
}

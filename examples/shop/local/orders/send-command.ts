import type { CallFunction } from './function-calls.ts';
import type { Shop } from './shop.ts';
import type { ShopAnswer, ShopCommand } from './shop-command.ts';

/** Carries one step out at the shop; what the shop refuses is an answer, not a rejection. */
export type SendCommand = (command: ShopCommand, signal: AbortSignal) => Promise<ShopAnswer>;

export function createSendCommand(call: CallFunction, shop: Shop): SendCommand {
  return async (command, signal) => {
    const { functionName, payload } = toCall(command, shop);
    const result = await call(functionName, { ...payload, ...tenantOf(command) }, signal);
    return result.kind === 'failed'
      ? { command, outcome: 'failed', reason: result.reason }
      : { command, outcome: 'accepted' };
  };
}

const toCall = (command: ShopCommand, { placeOrderFunctionName, cancelOrderFunctionName }: Shop) =>
  command.kind === 'place'
    ? { functionName: placeOrderFunctionName, payload: command.order }
    : { functionName: cancelOrderFunctionName, payload: { orderId: command.orderId } };

/** Each command of the shop may name its tenant. */
export const tenantOf = ({ tenantId }: Pick<ShopCommand, 'tenantId'>): { readonly tenantId?: string } =>
  tenantId === undefined ? {} : { tenantId };

import { orderKey } from './order-key.ts';
import type { OrderStep } from './order-plan.ts';

/** A customer's step, at one of the tenants. */
export type ShopCommand = OrderStep & {
  /** Undefined in a deployment without tenants. */
  readonly tenantId: string | undefined;
};

/** What one call of a function of the shop came to. */
export type ShopAnswer =
  | { readonly command: ShopCommand; readonly outcome: 'accepted' }
  | { readonly command: ShopCommand; readonly outcome: 'failed'; readonly reason: string };

/** Undefined stands for the one owner of a deployment without tenants. */
export type TenantIds = readonly [undefined] | readonly string[];

/** `tenant-1`, `tenant-2`, … */
export const tenantIdsOf = (tenants: number | undefined): TenantIds =>
  tenants === undefined ? [undefined] : Array.from({ length: tenants }, (_, index) => `tenant-${index + 1}`);

/** Every step for each tenant in turn, so that equal orders of all tenants are under way together. */
export function* commandsOf(steps: Iterable<OrderStep>, tenantIds: TenantIds): Generator<ShopCommand> {
  for (const step of steps) for (const tenantId of tenantIds) yield { ...step, tenantId };
}

/** `orderKey` of the order that the command is about. */
export const orderKeyOf = (command: ShopCommand): string =>
  orderKey({
    tenantId: command.tenantId,
    orderId: command.kind === 'place' ? command.order.orderId : command.orderId,
  });

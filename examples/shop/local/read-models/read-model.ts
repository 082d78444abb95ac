import type { FoundOrder } from '../../functions/order-overview/query/handler.ts';
import type { Revenue } from '../../functions/revenue-by-day/query/handler.ts';

/** What the shop shows of itself to one tenant, as its query functions answer. */
export interface ReadModels {
  /** Undefined in a deployment without tenants. */
  readonly tenantId: string | undefined;
  readonly orders: readonly FoundOrder[];
  readonly days: Revenue['days'];
  /** Why a view could not be asked; what it shows is empty then. */
  readonly unanswered: { readonly orders?: string | undefined; readonly days?: string | undefined };
}

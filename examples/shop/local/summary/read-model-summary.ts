import { countByState, type OrderState, stateOf } from '../orders/order-states.ts';
import type { ReadModels } from '../read-models/read-model.ts';

/** What `--json` tells of the read models of one tenant. */
export interface ReadModelSummary {
  /** Null in a deployment without tenants. */
  readonly tenant: string | null;
  /** Orders by state. */
  readonly orderOverview: Readonly<Record<OrderState, number>>;
  /** In minor units; `net` is captured minus refunded. */
  readonly revenueByDay: ReadModels['days'];
}

export function summarizeReadModels({ tenantId, orders, days }: ReadModels): ReadModelSummary {
  const states = orders.map(
    ({ orderId, status, cancellationReason, total }) =>
      [orderId, { state: stateOf(status, cancellationReason), totalMinorUnits: total.minorUnits }] as const,
  );
  return {
    tenant: tenantId ?? null,
    orderOverview: Object.fromEntries(countByState(new Map(states))),
    revenueByDay: days,
  };
}

import type { TableSchema } from 'waybill';

/** The sums of a day in one currency. */
export const REVENUE_BY_DAY_VIEW = {
  partitionKey: { name: 'currency', type: 'S' },
  /** `2026-11-20`, in UTC. */
  sortKey: { name: 'day', type: 'S' },
} as const satisfies TableSchema;

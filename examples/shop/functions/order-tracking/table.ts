import type { TableSchema } from 'waybill';

/** One item per order. */
export const ORDER_TRACKING_VIEW = { partitionKey: { name: 'orderId', type: 'S' } } as const satisfies TableSchema;

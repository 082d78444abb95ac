import type { TableSchema } from 'waybill';

/** One item per order. */
export const ORDER_TRACKING_VIEW = { partitionKey: { name: 'orderId', type: 'S' } } as const satisfies TableSchema;

/** Begins the variables of this view's reader in a function that reads several views. */
export const ORDER_TRACKING_VARIABLES = 'ORDER_TRACKING_';

import type { TableSchema } from 'waybill';

export const ORDER_OVERVIEW_INDEX = { byCustomer: 'byCustomer', byStatus: 'byStatus' } as const;

/** One item per order. */
export const ORDER_OVERVIEW_VIEW = {
  partitionKey: { name: 'orderId', type: 'S' },
  indexes: [
    {
      name: ORDER_OVERVIEW_INDEX.byCustomer,
      partitionKey: { name: 'customerId', type: 'S' },
      sortKey: { name: 'placedAt', type: 'S' },
    },
    {
      name: ORDER_OVERVIEW_INDEX.byStatus,
      partitionKey: { name: 'status', type: 'S' },
      sortKey: { name: 'placedAt', type: 'S' },
    },
  ],
} as const satisfies TableSchema;

/** Begins the variables of this view's reader in a function that reads several views. */
export const ORDER_OVERVIEW_VARIABLES = 'ORDER_OVERVIEW_';

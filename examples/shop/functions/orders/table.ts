import type { TableSchema } from 'waybill';

/** One item per order. */
export const ORDERS_TABLE = { partitionKey: { name: 'orderId', type: 'S' } } as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const ORDERS_TABLE_NAME = 'ORDERS_TABLE_NAME';

/** One item per order: what orders offers to shipping. Apart from the order, so that it can be given and deleted alone. */
export const DELIVERY_ADDRESSES_TABLE = {
  partitionKey: { name: 'orderId', type: 'S' },
  timeToLiveAttribute: 'expires',
} as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const DELIVERY_ADDRESSES_TABLE_NAME = 'DELIVERY_ADDRESSES_TABLE_NAME';

/** One item per address: whose it is. */
export const CUSTOMER_ADDRESSES_TABLE = {
  partitionKey: { name: 'customerId', type: 'S' },
  sortKey: { name: 'orderId', type: 'S' },
  timeToLiveAttribute: 'expires',
} as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const CUSTOMER_ADDRESSES_TABLE_NAME = 'CUSTOMER_ADDRESSES_TABLE_NAME';

/** Environment variable with the name of the table of operations: placements that go on after their answer. */
export const ORDER_OPERATIONS_TABLE_NAME = 'ORDER_OPERATIONS_TABLE_NAME';

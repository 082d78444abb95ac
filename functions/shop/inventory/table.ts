import type { TableSchema } from '../../../lib/contracts/index.ts';

/** One item per order. */
export const INVENTORY_TABLE = { partitionKey: { name: 'orderId', type: 'S' } } as const satisfies TableSchema;

/** Environment variable with the table's name. */
export const INVENTORY_TABLE_NAME = 'INVENTORY_TABLE_NAME';

import type { TableSchema } from '../tables.ts';

/**
 * Per instance: its state, what it is listed by, and its history, one item per transition. The index holds the listing
 * items only, which change with the status: every transition would make its partitions hot.
 */
export const SAGAS_TABLE = {
  partitionKey: { name: 'sagaId', type: 'S' },
  sortKey: { name: 'item', type: 'S' },
  timeToLiveAttribute: 'expires',
  indexes: [
    {
      name: 'by-status',
      partitionKey: { name: 'listedStatus', type: 'S' },
      sortKey: { name: 'startedAt', type: 'S' },
    },
  ],
} as const satisfies TableSchema;

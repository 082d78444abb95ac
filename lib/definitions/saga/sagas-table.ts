import type { TableSchema } from '../tables.ts';

/** Names of the saga table's indexes. */
export const SAGAS_INDEX = {
  /** Contains listings that older code wrote, until their status changes. */
  byStatus: 'by-status',
  byStatusShard: 'by-status-shard',
} as const;

/** Number of partitions per status, because one partition takes 1,000 writes per second. */
export const SAGA_STATUS_SHARDS = 8;

/**
 * Per instance: its state, its listing and its history with one item per transition. The indexes contain only the
 * listings, which change with the status, to avoid hot partitions.
 */
export const SAGAS_TABLE = {
  partitionKey: { name: 'sagaId', type: 'S' },
  sortKey: { name: 'item', type: 'S' },
  timeToLiveAttribute: 'expires',
  indexes: [
    {
      name: SAGAS_INDEX.byStatus,
      partitionKey: { name: 'listedStatus', type: 'S' },
      sortKey: { name: 'startedAt', type: 'S' },
    },
    {
      name: SAGAS_INDEX.byStatusShard,
      partitionKey: { name: 'statusShard', type: 'S' },
      sortKey: { name: 'startedAt', type: 'S' },
    },
  ],
} as const satisfies TableSchema;

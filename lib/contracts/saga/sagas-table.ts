import type { TableSchema } from '../tables.ts';

/** Names of the sagas' indexes. */
export const SAGAS_INDEX = {
  /** Listings that code from before the shards has written, until the next change of their status; nothing new. */
  byStatus: 'by-status',
  byStatusShard: 'by-status-shard',
} as const;

/** Partitions that the instances of one status are spread over, since one takes 1,000 writes per second. */
export const SAGA_STATUS_SHARDS = 8;

/**
 * Per instance: its state, what it is listed by, and its history, one item per transition. The indexes hold the listing
 * items only, which change with the status: every transition would make their partitions hot.
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

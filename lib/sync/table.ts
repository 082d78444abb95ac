import type { TableSchema } from '../definitions/index.ts';

/** Environment variable with the name of a sync's table. */
export const SYNC_TABLE_NAME = 'WAYBILL_SYNC_TABLE_NAME';

export const SYNC_INDEX = { bySeen: 'bySeen', byParked: 'byParked', byDue: 'byDue' } as const;

/** The records of one subscription are spread over so many partitions of an index, because one takes 1,000 writes per second. */
export const SEEN_SHARDS = 4;

/** How long runs, their items and deleted records are kept. */
export const SYNC_RETENTION_DAYS = 30;

/** The table as a tenant's code sees it: all that is in it but the index of what is due, which is of all tenants. */
export const SYNC_TENANT_TABLE = {
  partitionKey: { name: 'id', type: 'S' },
  sortKey: { name: 'part', type: 'S' },
  timeToLiveAttribute: 'expires',
  indexes: [
    {
      name: SYNC_INDEX.bySeen,
      partitionKey: { name: 'seenShard', type: 'S' },
      sortKey: { name: 'seen', type: 'N' },
    },
    {
      name: SYNC_INDEX.byParked,
      partitionKey: { name: 'parkedOf', type: 'S' },
      sortKey: { name: 'parkedAt', type: 'N' },
    },
  ],
} as const satisfies TableSchema;

/**
 * All that syncs remember: per subscription its scopes and its schedule; records, matches and entities; runs and their
 * items. The index by due holds the schedules of all tenants.
 */
export const SYNC_TABLE = {
  ...SYNC_TENANT_TABLE,
  indexes: [
    ...SYNC_TENANT_TABLE.indexes,
    {
      name: SYNC_INDEX.byDue,
      partitionKey: { name: 'dueShard', type: 'S' },
      sortKey: { name: 'dueAt', type: 'N' },
    },
  ],
} as const satisfies TableSchema;

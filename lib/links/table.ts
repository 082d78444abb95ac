import type { TableSchema } from '../definitions/index.ts';

/** Environment variable with the link table's name. */
export const LINKS_TABLE_NAME = 'WAYBILL_LINKS_TABLE_NAME';

export const LINK_INDEX = { byTarget: 'byTarget', byType: 'byType' } as const;

/**
 * One item per link under its source, which the indexes find by its target and by its type. One item per part of an
 * aggregate, which names the part's root and is in no index.
 */
export const LINKS_TABLE = {
  partitionKey: { name: 'source', type: 'S' },
  sortKey: { name: 'toTarget', type: 'S' },
  indexes: [
    {
      name: LINK_INDEX.byTarget,
      partitionKey: { name: 'target', type: 'S' },
      sortKey: { name: 'fromSource', type: 'S' },
    },
    { name: LINK_INDEX.byType, partitionKey: { name: 'typeShard', type: 'S' }, sortKey: { name: 'ends', type: 'S' } },
  ],
} as const satisfies TableSchema;

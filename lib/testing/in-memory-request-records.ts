import type { ClientUsage, RequestRecords } from '../http/index.ts';
import {
  claimWrite,
  completionWrite,
  grantedOf,
  leaseWrite,
  metBy,
  readRecord,
  releaseWrite,
  requestKey,
} from '../http/request-writes.ts';
import type { InMemoryTables } from './in-memory-tables.ts';

export interface InMemoryRequestsOptions {
  readonly tables: InMemoryTables;
  /** A table of `HTTP_REQUESTS_TABLE`. */
  readonly tableName: string;
}

/** Requests under their idempotency keys, in memory. */
export function createInMemoryRequestRecords({ tables, tableName }: InMemoryRequestsOptions): RequestRecords {
  return {
    async claim(claim) {
      const writes = [{ Put: claimWrite(tableName, claim) }];
      const refused = tables.firstRefused(writes);
      if (refused?.item !== undefined) return metBy(claim.owner, refused.item);
      tables.apply(writes);
      return { kind: 'claimed' };
    },
    async find(id) {
      const item = tables.get(tableName, requestKey(id));
      return item && readRecord(item);
    },
    async release(claim) {
      const writes = [{ Delete: releaseWrite(tableName, claim) }];
      if (tables.firstRefused(writes) !== undefined) return false;
      tables.apply(writes);
      return true;
    },
    completion: (claim, answer) => completionWrite(tableName, claim, answer),
  };
}

/** What clients use, in memory. */
export const createInMemoryClientUsage = ({ tables, tableName }: InMemoryRequestsOptions): ClientUsage => ({
  async lease(window) {
    const writes = [{ Update: leaseWrite(tableName, window) }];
    if (tables.firstRefused(writes) !== undefined) return 0;
    tables.apply(writes);
    return grantedOf(window, tables.get(tableName, requestKey(window.id)));
  },
});

import { type ItemRecord, parseSyncItem, type RunRecord, type StoredRecord, SYNC_TABLE } from 'waybill/sync';
import type { ReadOwned } from '../invariants/owned-items.ts';

interface OfTenant {
  /** Undefined in a deployment without tenants. */
  readonly tenantId: string | undefined;
}

export type SyncRun = RunRecord & OfTenant;

export interface SyncRecord extends OfTenant {
  readonly sync: string;
  readonly provider: string;
  readonly record: StoredRecord;
}

export type SyncItemOfRun = ItemRecord & OfTenant & { readonly runId: string };

/** What the shop's syncs remember, now that nothing moves. */
export interface SyncFacts {
  readonly runs: readonly SyncRun[];
  readonly records: readonly SyncRecord[];
  readonly items: readonly SyncItemOfRun[];
}

/** Reads the tables of syncs. What is in them is told apart by the beginning of its key. */
export async function readSyncFacts(read: ReadOwned, tableNames: readonly string[]): Promise<SyncFacts> {
  const [runs, records, items]: [SyncRun[], SyncRecord[], SyncItemOfRun[]] = [[], [], []];
  for (const tableName of tableNames) {
    for (const { tenantId, item } of await read({ tableName, schema: SYNC_TABLE, parse: parseSyncItem })) {
      const [kind, first = '', provider = ''] = item.id.split('#');
      // the form in which this release has written them
      if (kind === 'runs') runs.push({ ...(item.content as RunRecord), tenantId });
      if (kind === 'items') items.push({ ...(item.content as ItemRecord), tenantId, runId: first });
      if (kind === 'record') {
        const content = item.content as Omit<StoredRecord, 'revision' | 'seen'>;
        records.push({
          tenantId,
          sync: first,
          provider,
          record: { ...content, revision: item.revision, seen: item.seen },
        });
      }
    }
  }
  return { runs, records, items };
}

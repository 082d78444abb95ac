import { readSkip, skipKey, skipPut } from '../operations/dynamodb-skip-ledger.ts';
import type { SkipLedger } from '../operations/ports.ts';
import type { InMemoryTables } from './in-memory-tables.ts';

export interface InMemorySkipLedgerOptions {
  /** Shared with the cursor store whose changes are committed. */
  readonly tables: InMemoryTables;
  /** The inbox table; its key attribute is `id`. */
  readonly tableName: string;
  readonly consumer: string;
}

/** A ledger for tests. */
export function createInMemorySkipLedger({ tables, tableName, consumer }: InMemorySkipLedgerOptions): SkipLedger {
  return {
    async commit({ write }, record) {
      const writes = [write, skipPut(tableName, record)];
      if (tables.firstRefused(writes) !== undefined) return 'conflict';
      tables.apply(writes);
      return 'committed';
    },
    async find(place, generation) {
      const item = tables.get(tableName, skipKey(consumer, place, generation));
      return item && readSkip(item);
    },
  };
}

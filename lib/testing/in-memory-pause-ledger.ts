import { pauseKey, pausePut, readPause } from '../operations/dynamodb-pause-ledger.ts';
import type { PauseLedger } from '../operations/ports.ts';
import type { InMemorySkipLedgerOptions } from './in-memory-skip-ledger.ts';

/** A ledger for tests. */
export function createInMemoryPauseLedger({ tables, tableName, consumer }: InMemorySkipLedgerOptions): PauseLedger {
  return {
    async commit({ write }, record) {
      const writes = [write, pausePut(tableName, record)];
      if (tables.firstRefused(writes) !== undefined) return 'conflict';
      tables.apply(writes);
      return 'committed';
    },
    async find(group, since) {
      const item = tables.get(tableName, pauseKey({ consumer, group, since }));
      return item && readPause(item);
    },
  };
}

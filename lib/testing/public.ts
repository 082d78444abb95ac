/** Tests of handlers in memory: the harness and its adapters. */
export type { EventKey, EventRecord, NewEventRecord } from '../outbox/index.ts';
export type { WriteRefusal } from './dynamodb/transaction.ts';
export {
  createInMemoryOutboxStore,
  type InMemoryOutboxStore,
  type InMemoryOutboxStoreOptions,
} from './in-memory-outbox-store.ts';
export {
  createInMemoryClientUsage,
  createInMemoryRequestRecords,
  type InMemoryRequestsOptions,
} from './in-memory-request-records.ts';
export { createInMemorySagaTimers, type InMemorySagaTimers } from './in-memory-saga-timers.ts';
export { createInMemoryTableStore } from './in-memory-table-store.ts';
export type { InMemoryTables } from './in-memory-tables.ts';
export * from './index.ts';
export { createMemorySource, type MemorySource, type MemorySourceOptions, type SourceCall } from './memory-source.ts';
export { createMemoryWriter, type MemoryWriter, type MemoryWriterOptions, type WriterCall } from './memory-writer.ts';
export type { PlainItem } from './plain-items.ts';
export { type SyncHistory, syncHistory } from './sync-history.ts';

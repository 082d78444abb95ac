/** Tests of handlers in memory: the harness, and the adapters that it is made of. */

export { createInMemoryOutboxStore, type InMemoryOutboxStore } from './in-memory-outbox-store.ts';
export { createInMemorySagaTimers } from './in-memory-saga-timers.ts';
export { createInMemoryTableStore } from './in-memory-table-store.ts';
export * from './index.ts';

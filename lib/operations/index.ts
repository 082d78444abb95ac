export { createDynamoDbSkipLedger, type DynamoDbSkipLedgerOptions } from './dynamodb-skip-ledger.ts';
export { createInMemoryLog } from './in-memory-log.ts';
export { createInMemorySkipLedger, type InMemorySkipLedgerOptions } from './in-memory-skip-ledger.ts';
export type {
  EventPlace,
  EventSummary,
  LogReader,
  LogScanner,
  MarkerReader,
  OutboxState,
  QueueDepth,
  QueueDepths,
  ScannedPage,
  ScanRequest,
  SkipLedger,
  SkipRecord,
  StoredEvent,
  Takes,
} from './ports.ts';
export { type RingDeps, type RingResult, ring } from './ring.ts';
export { type SkipDeps, type SkipRequest, type SkipResult, skip } from './skip.ts';

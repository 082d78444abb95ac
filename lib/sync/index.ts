export type { Change, Fields, Version } from './change.ts';
export { createSync, type EntityOf, type Sync, type SyncOptions } from './create-sync.ts';
export { syncSubscription } from './events.ts';
export type { SyncOutbound } from './outbound-definition.ts';
export type {
  ChangePage,
  ChangeSource,
  CreateAnswer,
  PageToken,
  ProviderWriter,
  ReadRequest,
  WriteAnswer,
  WriteRequest,
  WrittenTo,
} from './ports.ts';
export type { ItemRecord, RunRecord, SubscriptionKey } from './state.ts';
export { parseSyncItem, type SyncItem } from './sync-item.ts';
export { SYNC_TABLE, SYNC_TABLE_NAME } from './table.ts';
export { createSyncTick, type SyncTick, type TickReport } from './tick.ts';

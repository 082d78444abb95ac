export type { Change, Fields, Version } from './change.ts';
export { createSyncCommands, type SyncActor, type SyncCommands } from './commands.ts';
export { createSync, type EntityOf, type Sync, type SyncOptions } from './create-sync.ts';
export { type SyncMode, type SyncScope, syncSubscription } from './events.ts';
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
export { createScheduleStore, type ScheduleStore, type StoredSchedule } from './schedule-store.ts';
export type { ActiveRun, ItemRecord, RunRecord, StoredRecord, SubscriptionKey, SyncAction } from './state.ts';
export { parseSyncItem, type SyncItem } from './sync-item.ts';
export { createSyncStore, type SyncStore } from './sync-store.ts';
export { SYNC_TABLE, SYNC_TABLE_NAME } from './table.ts';
export { createSyncTick, type DueSubscription, listScheduled, type SyncTick, type TickReport } from './tick.ts';

/** Syncs: other systems' records in, exactly once each. What is declared of them is in `waybill`. */
export type { Change, ChangeOrigin, Fields, Json, Version } from './change.ts';
export type { SyncActor, SyncCommands } from './commands.ts';
export {
  createSync,
  DEFAULT_SLICE_MS,
  type EntityOf,
  type ProviderOf,
  type Sync,
  type SyncOptions,
  type WrittenChange,
} from './create-sync.ts';
export type { AppliedKind, ParkReason, Shadow } from './decide.ts';
export {
  SyncBusyError,
  SyncCommandError,
  SyncConflictError,
  SyncFencedError,
  SyncItemError,
  SyncMatchTakenError,
  SyncRaceError,
  SyncSourceError,
  SyncSourceWaitError,
  SyncSystemicError,
  SyncTokenBusyError,
  SyncTokensMissingError,
  SyncTruncatedError,
  SyncWiringError,
} from './errors.ts';
export type {
  AppliedChange,
  ChangePage,
  ChangeSource,
  CreateAnswer,
  PageToken,
  Position,
  ProviderWriter,
  ReadRequest,
  SyncSink,
  WriteAnswer,
  WriteRequest,
  WrittenTo,
} from './ports.ts';
export type { Print } from './prints.ts';
export type {
  ActiveRun,
  EntityVoices,
  ItemRecord,
  Outgoing,
  Parked,
  RunCounts,
  RunPhase,
  RunRecord,
  RunStatus,
  ScopeKey,
  ScopeState,
  StoredRecord,
  SubscriptionKey,
  SyncAction,
  TrailEntry,
} from './state.ts';
export { parseSyncItem, type SyncItem, type SyncItemKey } from './sync-item.ts';
export { createSyncStore, type SyncStore, type SyncStoreOptions, type SyncWrites } from './sync-store.ts';
export { SYNC_RETENTION_DAYS, SYNC_TABLE, SYNC_TABLE_NAME } from './table.ts';
export { createTokenKeeper, type TokenKeeper, type TokenKeeperOptions, type Tokens } from './tokens.ts';

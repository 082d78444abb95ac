export type { ConsumerHistory, HandlingPeriod, HandlingSettings } from './consumer-history.ts';
export { continueHistory, forgottenAloneUntil, forgottenUntil } from './consumer-history.ts';
export { type ContiguousLog, createContiguousLog, type LogRun } from './contiguous-log.ts';
export type { Cursor, FailureReason, WaitingFor } from './cursor.ts';
export {
  type ConsumerHistoryRecorderOptions,
  createConsumerHistoryRecorder,
  type DynamoDbConsumerHistoryOptions,
  readConsumerHistory,
} from './dynamodb-consumer-history.ts';
export { createDynamoDbCursorStore, type DynamoDbCursorStoreOptions } from './dynamodb-cursor-store.ts';
export { createDynamoDbEventLog, type DynamoDbEventLogOptions } from './dynamodb-event-log.ts';
export { createDynamoDbWaitingGroups, type DynamoDbWaitingGroupsOptions } from './dynamodb-waiting-groups.ts';
export { CursorMovedError, LogHoleError } from './errors.ts';
export type { MissingPlaces } from './expired-places.ts';
export { CLOCK_SKEW_MS, firstSince } from './first-since.ts';
export { createGroupLane } from './group-lane.ts';
export { createInMemoryCursorStore, type InMemoryCursorStoreOptions } from './in-memory-cursor-store.ts';
export { createInMemoryEventLog, type InMemoryEventLogSource } from './in-memory-event-log.ts';
export { createInMemoryWaitingGroups } from './in-memory-waiting-groups.ts';
export type { Alone, Attempt, GroupLane, LaneDeps, LaneMessage, LaneObserver, Settlement, Suspicion } from './lane.ts';
export type { Unverified } from './past-event.ts';
export type {
  Bell,
  CursorStore,
  EventLog,
  LogEnd,
  LogEntry,
  LoggedEvent,
  LogPlace,
  LogTombstone,
  WaitingGroup,
  WaitingGroups,
} from './ports.ts';
export { createSqsBell, type SqsBellOptions } from './sqs-bell.ts';
export type { GonePlaces } from './taken-events.ts';
export { createWaitingGauge, type GaugeMetrics, type WaitingGauge, type WaitingGaugeOptions } from './waiting-gauge.ts';

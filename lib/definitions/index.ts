export { type CloudEvent, EVENT_PATH, type EventReference, PARTITION_KEY_PATH } from './cloud-event.ts';
export { ENV } from './environment-variables.ts';
export {
  dataSchemaOf,
  defineEvent,
  type EventDataOf,
  type EventDefinition,
  type EventDefinitionProps,
  type EventInputOf,
  type Upcaster,
  versionOfDataSchema,
} from './event-definition.ts';
export {
  describeEventType,
  type EventTypeKey,
  findEventType,
  isBeyondDeployment,
  LONGEST_DEPLOYMENT_MS,
  type Takes,
  takesOf,
} from './event-type.ts';
export { problemOfExternalUrl } from './external-url.ts';
export { type ApiDefinition, type ApiProps, clientLimitOf, defineApi, type RouteOf } from './http/api-definition.ts';
export { HTTP_REQUESTS_TABLE, OPERATIONS_TABLE } from './http/http-tables.ts';
export {
  type AnswerBodyOf,
  type AnySchema,
  type BodyOf,
  type ClientLimit,
  defineRoute,
  type IsRead,
  isRead,
  type ParamsOf,
  type ProblemCodeOf,
  type QueryOf,
  type Route,
  type RouteAnswer,
  type RouteProblem,
  type RouteProps,
  type RouteThrottle,
} from './http/route.ts';
export type { ParameterOf, RouteKeyParts, RouteMethod } from './http/route-key.ts';
export { environmentOfHubParameter, hubContextKey, hubParameterName } from './hub-parameter.ts';
export {
  BATCH_GET_MAX_KEYS,
  BATCH_WRITE_MAX_REQUESTS,
  DEFAULT_MAX_HOPS,
  EVENT_TYPE_MAX_LENGTH,
  GROUP_MAX_LENGTH,
  GROUP_PATTERN,
  ITEM_MAX_BYTES,
  PUT_EVENTS_MAX_BYTES,
  PUT_EVENTS_MAX_ENTRIES,
  SEQUENCE_DIGITS,
  SHORTEST_TIMER_SECONDS,
  TRANSACTION_MAX_ACTIONS,
  TRANSACTION_MAX_BYTES,
} from './limits.ts';
export { METRIC, METRIC_NAMESPACE } from './metrics.ts';
export { ownMember, UNUSABLE_NAME } from './own-member.ts';
export {
  DEFAULT_COMPENSATION_ATTEMPTS,
  DEFAULT_RETRY_DELAY_SECONDS,
  DEFAULT_SAGA_RETENTION_DAYS,
  DEFAULT_STEP_TIMEOUT_SECONDS,
  defineSaga,
} from './saga/define-saga.ts';
export {
  type MigratedSaga,
  type SagaCommand,
  type SagaCompensation,
  type SagaDefinition,
  type SagaFailure,
  type SagaFailureCommand,
  type SagaMigration,
  type SagaReply,
  type SagaRole,
  type SagaStart,
  type SagaStep,
  stepsOf,
  type UnknownSagaPolicy,
} from './saga/saga-definition.ts';
export type {
  Correlated,
  OneOrMore,
  OnTimeout,
  ParallelSteps,
  SagaBehaviour,
  SagaCompensationProps,
  SagaIdentity,
  SagaStepProps,
  SagaWords,
  TextKeyOf,
} from './saga/saga-props.ts';
export {
  SAGA_TIMER_KINDS,
  type SagaRetryData,
  type SagaTimerData,
  type SagaTimerKind,
  sagaRetryRequested,
  sagaTimerDue,
} from './saga/saga-signals.ts';
export {
  newestOf,
  type SagaVersions,
  sagaPublishes,
  sagaSubscription,
  versionsOf,
} from './saga/saga-subscription.ts';
export { SAGA_STATUS_SHARDS, SAGAS_INDEX, SAGAS_TABLE } from './saga/sagas-table.ts';
export { shown } from './shown.ts';
export {
  type Claim,
  claimOf,
  DEFAULT_RETRY,
  defineSubscription,
  type Ordering,
  type RetryPolicy,
  type StartFrom,
  type Subscription,
  type SubscriptionProps,
} from './subscription.ts';
export { type DeployedEventType, readEventTypes, subscriptionVariables } from './subscription-variables.ts';
export {
  defineSync,
  type ExpectedFields,
  type FittingProviders,
  LOCAL_OWNER,
  type SyncDefinition,
  type SyncProps,
} from './sync/define-sync.ts';
export { type DeployedSync, readDeployedSync, type ScheduledProvider, syncVariables } from './sync/deployed-sync.ts';
export {
  DEFAULT_EVERY_MINUTES,
  DEFAULT_LAG_SECONDS,
  DEFAULT_MAX_DELETE_COUNT,
  DEFAULT_MAX_DELETE_RATIO,
  DEFAULT_OVERLAP_SECONDS,
  type Detection,
  type DetectProps,
  detect,
  type FieldMapping,
  lagAndOverlapOf,
  type MappedFields,
  type NotProvided,
  notProvided,
  type RowFieldsOf,
  reference,
  type SyncCursor,
  type SyncDeletes,
  type SyncReference,
} from './sync/detect.ts';
export {
  type AnyKey,
  CURSORS_INDEX,
  CURSORS_TABLE,
  EVENT_INDEXES,
  type EventIndexes,
  FAILURE_SHARDS,
  HEAD_SEQUENCE,
  INBOX_TABLE,
  type KeyOf,
  OPERATOR_TABLE,
  OUTBOX_ATTRIBUTES,
  OUTBOX_INDEX,
  OUTBOX_KIND,
  OUTBOX_TABLE,
  outboxTableWith,
  PENDING_ATTRIBUTES,
  PENDING_TABLE,
  PROJECTION_STATE_TABLE,
  RECONCILE_KEY_PREFIX,
  skipRecordKey,
  type TableAttribute,
  type TableIndex,
  type TableSchema,
  TENANTS_TABLE,
  WAITING_SHARDS,
} from './tables.ts';
export {
  assertTenantId,
  type GroupParts,
  groupOf,
  isTenantId,
  readGroup,
  standsAlone,
  type TenancyMode,
  TenantIdError,
  type TenantResolver,
} from './tenant.ts';
export { isTimestamp } from './timestamp.ts';
export {
  CONSUMER_TUNABLE_NAMES,
  type ConsumerTuning,
  consumerTuningOf,
  DEFAULT_SWEEP_MAX_EVENTS,
  ENVIRONMENT_NAME_PATTERN,
  isTunableName,
  LOG_LEVELS,
  type LogLevel,
  parseTuning,
  problemOfTunable,
  settingsParameterName,
  TUNABLE_NAMES,
  type TunableName,
  type Tuning,
} from './tuning.ts';
export { ContractError, type Disposition, hasCode, isWaybillError, WaybillError } from './waybill-error.ts';

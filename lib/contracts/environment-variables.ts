/** Environment variables that the constructs set and the functions read. */
export const ENV = {
  outboxTableName: 'WAYBILL_OUTBOX_TABLE_NAME',
  pendingTableName: 'WAYBILL_PENDING_TABLE_NAME',
  inboxTableName: 'WAYBILL_INBOX_TABLE_NAME',
  busName: 'WAYBILL_BUS_NAME',
  /** Age from which the sweeper publishes what the relay has not, in seconds. */
  sweepAfterSeconds: 'WAYBILL_SWEEP_AFTER_SECONDS',
  /** How long the log keeps an event, in seconds. */
  outboxRetentionSeconds: 'WAYBILL_OUTBOX_RETENTION_SECONDS',
  /** How long the inbox remembers a handled event, in seconds. */
  inboxExpirySeconds: 'WAYBILL_INBOX_EXPIRY_SECONDS',
  cursorsTableName: 'WAYBILL_CURSORS_TABLE_NAME',
  /** The consumer's own queue. */
  queueUrl: 'WAYBILL_QUEUE_URL',
  /** The queue of the consumer's dead letters, for operators' tools. */
  deadLetterQueueUrl: 'WAYBILL_DEAD_LETTER_QUEUE_URL',
  /** The queue of what the bus could not deliver to the consumer, for operators' tools. */
  undeliverableQueueUrl: 'WAYBILL_UNDELIVERABLE_QUEUE_URL',
  /** Receives after which SQS moves a message to the dead-letter queue. */
  maxReceiveCount: 'WAYBILL_MAX_RECEIVE_COUNT',
  /** The visibility timeout of the consumer's queue. */
  visibilityTimeoutSeconds: 'WAYBILL_VISIBILITY_TIMEOUT_SECONDS',
  /** How long the consumer's queue keeps a message. */
  queueRetentionSeconds: 'WAYBILL_QUEUE_RETENTION_SECONDS',
  /** Which environment a consumer belongs to, for operators' tools, as all below. */
  environmentName: 'WAYBILL_ENVIRONMENT_NAME',
  /** The event types that the consumer takes, parted by commas. */
  eventTypes: 'WAYBILL_EVENT_TYPES',
  /** The source of each of them, in the same order, parted by spaces; one alone is the source of all. */
  eventSources: 'WAYBILL_EVENT_SOURCES',
  ordering: 'WAYBILL_ORDERING',
  /** Where a strict consumer starts in a group that it has no cursor for. */
  startFrom: 'WAYBILL_START_FROM',
  /** `none` or `required`: whether everything belongs to a tenant. */
  tenancy: 'WAYBILL_TENANCY',
  /** The table of a projection's view. */
  viewTableName: 'WAYBILL_VIEW_TABLE_NAME',
  projectionStateTableName: 'WAYBILL_PROJECTION_STATE_TABLE_NAME',
  /** The projection that a function rebuilds: operators' tools find it by that. */
  rebuilds: 'WAYBILL_REBUILDS',
  /** A process manager's own table. */
  sagasTableName: 'WAYBILL_SAGAS_TABLE_NAME',
  /** The group of schedules that a process manager's timers are in. */
  sagaScheduleGroupName: 'WAYBILL_SAGA_SCHEDULE_GROUP_NAME',
  /** Where the Scheduler sends a timer that is due. */
  sagaTimersQueueArn: 'WAYBILL_SAGA_TIMERS_QUEUE_ARN',
  /** Where it puts what it cannot send there. */
  sagaTimersDeadLetterQueueArn: 'WAYBILL_SAGA_TIMERS_DEAD_LETTER_QUEUE_ARN',
  /** What the Scheduler acts as. */
  sagaTimersRoleArn: 'WAYBILL_SAGA_TIMERS_ROLE_ARN',
} as const;

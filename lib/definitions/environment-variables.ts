/** Environment variables that the constructs set and the functions read. */
export const ENV = {
  /**
   * The name of the consumer or function: in its logs and metrics, and, for consumers, the prefix of inbox keys. Powertools
   * reads it, too.
   */
  serviceName: 'POWERTOOLS_SERVICE_NAME',
  /** The level of a function's log; Powertools reads it. */
  logLevel: 'POWERTOOLS_LOG_LEVEL',
  /** `true` while the bundle is loaded at synth: code and variables are then of one deployment. */
  loadedAtSynth: 'WAYBILL_LOADED_AT_SYNTH',
  outboxTableName: 'WAYBILL_OUTBOX_TABLE_NAME',
  pendingTableName: 'WAYBILL_PENDING_TABLE_NAME',
  inboxTableName: 'WAYBILL_INBOX_TABLE_NAME',
  busName: 'WAYBILL_BUS_NAME',
  /** Age from which the sweeper publishes what the relay has not, in seconds. */
  sweepAfterSeconds: 'WAYBILL_SWEEP_AFTER_SECONDS',
  /** How long the log keeps an event, in seconds. */
  outboxRetentionSeconds: 'WAYBILL_OUTBOX_RETENTION_SECONDS',
  /** `true` if producers store events compressed. */
  compressEvents: 'WAYBILL_COMPRESS_EVENTS',
  /** Which indexes the outbox log has: `id` or `all`. Missing: none. */
  eventIndexes: 'WAYBILL_EVENT_INDEXES',
  /** How long the inbox keeps the record of a processed event, in seconds. */
  inboxExpirySeconds: 'WAYBILL_INBOX_EXPIRY_SECONDS',
  /** When the consumer claims an event: `commit` or `before`. Missing if an older version deployed the consumer: `before`. */
  claim: 'WAYBILL_CLAIM',
  cursorsTableName: 'WAYBILL_CURSORS_TABLE_NAME',
  /** The consumer's own queue. */
  queueUrl: 'WAYBILL_QUEUE_URL',
  /** The hub's table of what operators do, for operators' tools; a variable of the sweeper. */
  operatorTableName: 'WAYBILL_OPERATOR_TABLE_NAME',
  /** The queue of the consumer's dead letters, for operators' tools. */
  deadLetterQueueUrl: 'WAYBILL_DEAD_LETTER_QUEUE_URL',
  /** The queue of events that the bus could not deliver to the consumer, for operators' tools. */
  undeliverableQueueUrl: 'WAYBILL_UNDELIVERABLE_QUEUE_URL',
  /** Receives after which SQS moves a message to the dead-letter queue. */
  maxReceiveCount: 'WAYBILL_MAX_RECEIVE_COUNT',
  /** The visibility timeout of the consumer's queue. */
  visibilityTimeoutSeconds: 'WAYBILL_VISIBILITY_TIMEOUT_SECONDS',
  /** How long the consumer's queue keeps a message. */
  queueRetentionSeconds: 'WAYBILL_QUEUE_RETENTION_SECONDS',
  /** The consumer's environment, for operators' tools, like the variables below. */
  environmentName: 'WAYBILL_ENVIRONMENT_NAME',
  /** The subscribed event types, separated by commas. */
  eventTypes: 'WAYBILL_EVENT_TYPES',
  /** The source of each type, in the same order, separated by spaces. A single source applies to all types. */
  eventSources: 'WAYBILL_EVENT_SOURCES',
  ordering: 'WAYBILL_ORDERING',
  /** Where a strict consumer starts in a group for which it has no cursor. */
  startFrom: 'WAYBILL_START_FROM',
  /** `baseSeconds` and `capSeconds` of the subscription's retry policy, for operators' tools. */
  retryBaseSeconds: 'WAYBILL_RETRY_BASE_SECONDS',
  retryCapSeconds: 'WAYBILL_RETRY_CAP_SECONDS',
  /** The parameter of Parameter Store in which operations tune settings without a deployment. */
  settingsParameterName: 'WAYBILL_SETTINGS_PARAMETER_NAME',
  /** The tenancy mode: `none` or `required`. */
  tenancy: 'WAYBILL_TENANCY',
  /** The table of an HTTP API's answers under idempotency keys, and of what its clients have used. */
  httpRequestsTableName: 'WAYBILL_HTTP_REQUESTS_TABLE_NAME',
  /** Name of the access token's claim that has the tenant. */
  tenantClaim: 'WAYBILL_TENANT_CLAIM',
  /** The table of an HTTP API's operations. */
  operationsTableName: 'WAYBILL_OPERATIONS_TABLE_NAME',
  /** The table of a projection's view. */
  viewTableName: 'WAYBILL_VIEW_TABLE_NAME',
  projectionStateTableName: 'WAYBILL_PROJECTION_STATE_TABLE_NAME',
  /** The table in which the reconciler stores its pass and its findings. Not the variable of consumers, which tells that a function is one. */
  reconcileTableName: 'WAYBILL_RECONCILE_TABLE_NAME',
  /** How long a pass of the reconciler over the log takes, in seconds. */
  reconcileWithinSeconds: 'WAYBILL_RECONCILE_WITHIN_SECONDS',
  /** The projection that a function rebuilds, for operators' tools. */
  rebuilds: 'WAYBILL_REBUILDS',
  /** A process manager's own table. */
  sagasTableName: 'WAYBILL_SAGAS_TABLE_NAME',
  /** The schedule group of a process manager's timers. */
  sagaScheduleGroupName: 'WAYBILL_SAGA_SCHEDULE_GROUP_NAME',
  /** The queue to which the Scheduler sends due timers. */
  sagaTimersQueueArn: 'WAYBILL_SAGA_TIMERS_QUEUE_ARN',
  /** The Scheduler's dead-letter queue. */
  sagaTimersDeadLetterQueueArn: 'WAYBILL_SAGA_TIMERS_DEAD_LETTER_QUEUE_ARN',
  /** The role that the Scheduler assumes. */
  sagaTimersRoleArn: 'WAYBILL_SAGA_TIMERS_ROLE_ARN',
  /** The sync that a function runs or ticks, with its intervals, as JSON. */
  sync: 'WAYBILL_SYNC',
} as const;

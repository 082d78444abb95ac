/**
 * Prefix of the CloudWatch namespace of all metrics (embedded metric format, dimension `service`). The environment
 * follows: `Waybill/prod`.
 */
export const METRIC_NAMESPACE = 'Waybill';

/** Metric names; functions emit them, alarms and the local run read them. */
export const METRIC = {
  /** Count: events that the relay put on the bus. */
  eventsPublished: 'EventsPublished',
  /** Count: events that cannot be published. Their pending marker has the reason. */
  eventsQuarantined: 'EventsQuarantined',
  /** Count: entries that the relay sent again after throttling or an internal error. */
  publishRetries: 'PublishRetries',
  /** Milliseconds from the producer's commit to the bus's acceptance. */
  commitToPublished: 'CommitToPublished',
  /**
   * Count: unpublished events that the sweeper found; a lower bound if there were too many to read.
   */
  pendingEvents: 'PendingEvents',
  /** Age of the oldest of them in milliseconds; 0 if there was none. */
  oldestPendingAge: 'OldestPendingAge',
  /** Count: events that the sweeper put on the bus. */
  eventsSwept: 'EventsSwept',
  /** Count: events whose handler's work was committed. */
  eventsHandled: 'EventsHandled',
  /** Count: events that their handler skipped. */
  eventsSkipped: 'EventsSkipped',
  /** Count: events that were processed after later events, because the cursor had passed them. */
  eventsHandledLate: 'EventsHandledLate',
  /** Count: events that the cursor has passed and for which there is no record of whether they were processed. */
  duplicatesUnverified: 'DuplicatesUnverified',
  /** Count: groups that continued after an event of a type that the code does not handle. */
  groupsReleased: 'GroupsReleased',
  /** Count: messages of events that were already processed. */
  duplicatesSkipped: 'DuplicatesSkipped',
  /** Count: messages released to the queue after a failure. */
  eventsFailed: 'EventsFailed',
  /**
   * Count: events that a strict consumer read from the log, because their messages had not arrived or were deleted
   * while the group was blocked.
   */
  eventsDrained: 'EventsDrained',
  /** Count: messages that were deleted because an earlier event blocks their group. Their events are in the log. */
  messagesBehind: 'MessagesBehind',
  /** Count: groups that a new dead letter blocks. */
  groupsHeld: 'GroupsHeld',
  /**
   * Count: messages that wait because an earlier event is missing from the log. Their group is not processed meanwhile.
   */
  logHoles: 'LogHoles',
  /** Count: places of the log that a consumer passed because their events had expired. */
  placesExpired: 'PlacesExpired',
  /** Count: those of them whose message the consumer had received. They are never processed. */
  eventsExpiredUnhandled: 'EventsExpiredUnhandled',
  /**
   * Count: events that a consumer passed because they may already be processed: they are older than its cursor and
   * inbox records.
   */
  eventsForgotten: 'EventsForgotten',
  /** Count: places of the log that a consumer passed because an operator marked them as empty. */
  tombstonesSteppedOver: 'TombstonesSteppedOver',
  /** Count: held groups of a consumer, measured by the sweeper. */
  waitingGroups: 'WaitingGroups',
  /** Count: those of them whose event is a dead letter. */
  heldGroups: 'HeldGroups',
  /** Age of a consumer's longest-held group in milliseconds. */
  oldestWaitAge: 'OldestWaitAge',
  /** Count: groups of a consumer that operators have paused, measured by the sweeper. */
  pausedGroups: 'PausedGroups',
  /** Age of a consumer's oldest pause in milliseconds. */
  oldestPauseAge: 'OldestPauseAge',
  /** Count: messages whose group differs from their event's group. Once per container. */
  groupMismatches: 'GroupMismatches',
  /** Count: commits that failed because another execution committed first. Nothing was written. */
  racesLost: 'RacesLost',
  /** Milliseconds from the producer's commit to the handler's commit. */
  commitToHandled: 'CommitToHandled',
  /** Count: sagas that started. */
  sagasStarted: 'SagasStarted',
  /** Count: sagas that completed. */
  sagasCompleted: 'SagasCompleted',
  /** Count: sagas that were compensated. */
  sagasCompensated: 'SagasCompensated',
  /** Count: sagas that stopped because a compensation failed at its last attempt. */
  sagaCompensationsFailed: 'SagaCompensationsFailed',
  /** Count: steps and compensations that timed out. */
  sagaTimeouts: 'SagaTimeouts',
  /** Count: late, duplicate or unexpected events that did not change their saga. */
  sagaEventsIgnored: 'SagaEventsIgnored',
  /** Count: events for sagas that do not exist. */
  sagasUnknown: 'SagasUnknown',
  /** Count: deferred events. They are retried without limit. */
  eventsDeferred: 'EventsDeferred',
  /** Count: those of them whose tenant is not active. They are no failures. */
  eventsOfInactiveTenants: 'EventsOfInactiveTenants',
  /**
   * Age in milliseconds of a deferred event that gets a new message because the receives of its old one are used up.
   * The age of the queue's oldest message no longer shows it.
   */
  renewedEventAge: 'RenewedEventAge',
  /** Milliseconds that a call to an external system took, its retries included. */
  externalCallTime: 'ExternalCallTime',
  /** Count: calls to external systems that ended without a usable answer. */
  externalFailures: 'ExternalFailures',
  /** Count: retries of calls to external systems. */
  externalRetries: 'ExternalRetries',
  /** Count: breakers that opened, in any container. */
  breakersOpened: 'BreakersOpened',
  /** 0 closed, 0.5 half open, 1 open: at each change, with the dimension `system` beside `service`. */
  breakerState: 'BreakerState',
  /** Count: changes of the settings parameter that a function refused; it keeps the last valid values. */
  settingsRefused: 'SettingsRefused',
  /** Count: reads of the settings parameter that failed; the function keeps the last valid values. */
  settingsUnavailable: 'SettingsUnavailable',
  /** Count: webhooks whose delivery was recorded and whose events were committed. */
  webhooksAccepted: 'WebhooksAccepted',
  /** Count: deliveries that were received before. They were answered with 204 and wrote nothing. */
  webhookDuplicates: 'WebhookDuplicates',
  /** Count: verified webhooks of a type that the definition does not have. */
  webhookTypesUnknown: 'WebhookTypesUnknown',
  /** Count: webhooks refused with a status from 400 to 415; also with the dimension `reason` beside `service`. */
  webhooksRefused: 'WebhooksRefused',
  /** Count: webhooks answered with 503; also with the dimension `reason` beside `service`. */
  webhooksUnavailable: 'WebhooksUnavailable',
  /** Count: those of them whose secret could not be read or used. */
  webhookSecretsUnreadable: 'WebhookSecretsUnreadable',
  /** Count: requests admitted although the limit per client could not be counted. */
  clientLimitUnavailable: 'ClientLimitUnavailable',
  /** Count: entities that syncs created, updated or deleted. */
  syncChangesApplied: 'SyncChangesApplied',
  /** Count: records that a sync could not take. They are tried first in the next run. */
  syncRecordsParked: 'SyncRecordsParked',
  /** Count: changes that were our own and came back. */
  syncEchoesSuppressed: 'SyncEchoesSuppressed',
  /** Count: applied changes that nearly were our own: an echo may have been missed. */
  syncNearMisses: 'SyncNearMisses',
  /** Count: changes of ours that were written to providers. */
  syncChangesWritten: 'SyncChangesWritten',
  /** Count: records of which the service and a provider have both changed the same field. */
  syncConflicts: 'SyncConflicts',
  /** Count: runs that ended with an error. Their cursor stays. */
  syncRunsFailed: 'SyncRunsFailed',
  /** Count: those of them whose provider refused the credentials. */
  syncCredentialsRefused: 'SyncCredentialsRefused',
  /** Count: runs that ended and have read all that was due. */
  syncRunsSucceeded: 'SyncRunsSucceeded',
  /** Count: runs whose deletes wait for an approval. */
  syncApprovalsDue: 'SyncApprovalsDue',
  /** Count: subscriptions of a sync without a run that ended well for four intervals, of those that a tick has seen. */
  syncSubscriptionsOverdue: 'SyncSubscriptionsOverdue',
  /** Milliseconds from the time up to which a run has read to its end. */
  syncLag: 'SyncLag',
  /** Count: findings of the reconciliation that are open: what was lost, and what is wrong with the log. */
  unaccounted: 'Unaccounted',
  /** Milliseconds since the part of the log was reconciled whose reconciliation is the longest ago. */
  oldestReconciledAge: 'OldestReconciledAge',
  /** Count: items of the log that the reconciler has read. */
  itemsReconciled: 'ItemsReconciled',
  /** Count: calls of `withoutTenant`. */
  crossTenantWork: 'CrossTenantWork',
} as const;

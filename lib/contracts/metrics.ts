/**
 * Begins the CloudWatch namespace of every metric that Waybill's functions emit (as embedded metric format, dimension
 * `service`); the environment follows, so that two in one account keep apart: `Waybill/prod`.
 */
export const METRIC_NAMESPACE = 'Waybill';

/** Metric names; functions emit them, alarms and the local run read them. */
export const METRIC = {
  /** Count: events that the relay put on the bus. */
  eventsPublished: 'EventsPublished',
  /** Count: events that can never be published as they are; their marker keeps the reason. */
  eventsQuarantined: 'EventsQuarantined',
  /** Count: entries that the relay sent again after throttling or an internal error. */
  publishRetries: 'PublishRetries',
  /** Milliseconds from the producer's commit to the bus's acceptance. */
  commitToPublished: 'CommitToPublished',
  /** Count: events that waited to be published when the sweeper looked; at least, when there were too many to look at. */
  pendingEvents: 'PendingEvents',
  /** Milliseconds for which the oldest of them had waited; 0 when there was none. */
  oldestPendingAge: 'OldestPendingAge',
  /** Count: events that the sweeper put on the bus. */
  eventsSwept: 'EventsSwept',
  /** Count: events whose handler's work was committed. */
  eventsHandled: 'EventsHandled',
  /** Count: events that the cursor of their group had gone past without them; they were handled after later ones. */
  eventsHandledLate: 'EventsHandledLate',
  /** Count: events that the cursor is past, and of which nobody can tell any more whether they were handled. */
  duplicatesUnverified: 'DuplicatesUnverified',
  /** Count: groups that go on behind an event of a type that the code does not take. */
  groupsReleased: 'GroupsReleased',
  /** Count: messages whose event had been handled before. */
  duplicatesSkipped: 'DuplicatesSkipped',
  /** Count: messages released to the queue after a failure. */
  eventsFailed: 'EventsFailed',
  /** Count: events that a strict consumer took from the log because they had not arrived, or waited behind another. */
  eventsDrained: 'EventsDrained',
  /** Count: messages of groups that wait for an earlier event; they are done with, the log keeps their events. */
  messagesBehind: 'MessagesBehind',
  /** Count: groups that wait for a dead letter from now on. */
  groupsHeld: 'GroupsHeld',
  /**
   * Count: messages that wait because the log does not show an event before theirs, which must be there. Nothing of
   * their group is handled meanwhile.
   */
  logHoles: 'LogHoles',
  /** Count: places of the log that a consumer stepped over, since retention had taken their events. */
  placesExpired: 'PlacesExpired',
  /** Count: those of them that a consumer had been told of, and can never handle. */
  eventsExpiredUnhandled: 'EventsExpiredUnhandled',
  /**
   * Count: events that a consumer stepped over, since they may have been handled before: they are older than what cursor
   * and inbox can tell.
   */
  eventsForgotten: 'EventsForgotten',
  /** Count: places of the log that a consumer stepped over, since an operator has marked them as empty. */
  tombstonesSteppedOver: 'TombstonesSteppedOver',
  /** Count: groups of a consumer that wait for an event, when the sweeper looked. */
  waitingGroups: 'WaitingGroups',
  /** Count: those of them whose event is a dead letter. */
  heldGroups: 'HeldGroups',
  /** Milliseconds for which the oldest of a consumer's waiting groups had waited. */
  oldestWaitAge: 'OldestWaitAge',
  /** Count: messages whose group on the queue is not their event's. Once per container. */
  groupMismatches: 'GroupMismatches',
  /** Count: commits that came too late, since another execution had been first. Nothing was written. */
  racesLost: 'RacesLost',
  /** Milliseconds from the producer's commit to the handler's commit. */
  commitToHandled: 'CommitToHandled',
  /** Count: sagas that began. */
  sagasStarted: 'SagasStarted',
  /** Count: sagas that reached their end. */
  sagasCompleted: 'SagasCompleted',
  /** Count: sagas that were undone to the end. */
  sagasCompensated: 'SagasCompensated',
  /** Count: sagas that stopped at a compensation which failed for good. */
  sagaCompensationsFailed: 'SagaCompensationsFailed',
  /** Count: steps and compensations that were not answered in time. */
  sagaTimeouts: 'SagaTimeouts',
  /** Count: events that came too late, twice or out of place for their saga, and changed nothing. */
  sagaEventsIgnored: 'SagaEventsIgnored',
  /** Count: events for sagas that do not exist. */
  sagasUnknown: 'SagasUnknown',
  /** Count: failures with a known wait; their events are tried again for as long as it takes. */
  eventsDeferred: 'EventsDeferred',
  /**
   * Milliseconds since the commit of an event that gets a new message, because the receives of its old one were used up
   * and it is not at fault. The queue's oldest message no longer shows how long it has waited.
   */
  renewedEventAge: 'RenewedEventAge',
  /** Milliseconds that a call to an external system took, its retries included. */
  externalCallTime: 'ExternalCallTime',
  /** Count: calls to external systems that ended without a usable answer. */
  externalFailures: 'ExternalFailures',
  /** Count: further tries of calls to external systems. */
  externalRetries: 'ExternalRetries',
  /** Count: breakers that opened, in any container. */
  breakersOpened: 'BreakersOpened',
  /** 0 closed, 0.5 half open, 1 open: at each change, with the dimension `system` beside `service`. */
  breakerState: 'BreakerState',
  /** Count: pieces of work that left their tenant, or had none, on purpose. */
  crossTenantWork: 'CrossTenantWork',
} as const;

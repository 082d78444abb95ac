import type { Logger } from '@aws-lambda-powertools/logger';
import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { METRIC, type Subscription, type Takes, takesOf } from '../contracts/index.ts';
import type { FailureNotes, InboxMemory } from '../inbox/index.ts';
import type {
  Bell,
  ConsumerHistory,
  Cursor,
  CursorStore,
  EventLog,
  GonePlaces,
  GroupLane,
  LaneDeps,
  LaneMessage,
  LogHoleError,
  Unverified,
} from '../ordering/index.ts';
import type { GuardedWrite } from '../outbox/index.ts';
import type { Sleep } from '../shared/backoff.ts';
import { noteDeadline } from '../shared/deadline.ts';
import { loggable } from '../shared/thrown.ts';
import { addMs, type Clock, type EpochMs } from '../shared/time.ts';
import { type AttemptDeps, type AttemptResult, attemptEvent } from './attempt-event.ts';
import type { SubscriptionHandlers } from './handlers-for.ts';
import { createMessageFailures, type DeadLetter, type MessageFailures } from './message-failures.ts';
import type { ReceivedMessage } from './received-message.ts';
import { createRenewal, type Renewal } from './renewal.ts';

/** What a consumer with `ordering: 'strict'` needs beside the rest. */
export interface StrictOrdering {
  readonly cursors: CursorStore;
  readonly log: EventLog;
  /** Between two reads of a hole in the log. */
  readonly sleep: Sleep;
  readonly memory: InboxMemory;
  /** `createGroupLane` of lib/ordering. */
  readonly createLane: (group: string, known: Cursor | undefined, deps: LaneDeps) => GroupLane;
  /** Where to start in a group without a cursor. */
  readonly startInstant: () => Promise<EpochMs>;
  /** Under which settings the consumer has run. @default - always under these */
  readonly history?: (() => Promise<ConsumerHistory>) | undefined;
}

export interface ConsumerOptions extends AttemptDeps {
  readonly logger: Logger;
  readonly bell: Bell;
  readonly notes: FailureNotes;
  /** Needed for `ordering: 'strict'`. */
  readonly strict?: StrictOrdering | undefined;
  /** Notes under which settings the consumer runs, once per container. @default - nobody asks for it later */
  readonly noteSettings?: (() => Promise<unknown>) | undefined;
  /** Receives after which SQS moves a message of the queue to the DLQ. */
  readonly maxReceiveCount: number;
  /** How long the queue hides a message. */
  readonly visibilityTimeoutSeconds: number;
  /** How long the queue keeps a message: no event may wait for longer under one. */
  readonly queueRetentionSeconds: number;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  /** A signal that fires in `delayMs`. @default AbortSignal.timeout */
  readonly timeoutSignal?: (delayMs: number) => AbortSignal;
  /** Hears of each event that goes to the DLQ, at least once, as its tenant; what it throws is logged. @default - nobody hears */
  readonly onDeadLetter?: (deadLetter: DeadLetter) => void | Promise<void>;
}

interface AttemptOptions {
  readonly message?: ReceivedMessage;
  readonly guards?: readonly GuardedWrite[];
  readonly generation?: number;
}

/** What the work on one batch has at hand. */
export interface Workbench {
  readonly bell: Bell;
  readonly clock: Clock;
  readonly failures: MessageFailures;
  readonly renewal: Renewal;
  readonly limits: { readonly maxReceiveCount: number };
  readonly visibilityTimeoutSeconds: number;
  readonly takes: Takes;
  readonly subscription: Subscription;
  readonly logger: Pick<Logger, 'warn'>;
  attempt(body: string, options?: AttemptOptions): Promise<AttemptResult>;
  /** Tells of a message whose event was handled before. @param unverified why only the cursor says so */
  skip(message: Pick<LaneMessage, 'event'>, unverified?: Unverified): void;
  /** Tells of places of the log without an event, which a group has gone past. */
  tellSteppedOver(group: string, places: GonePlaces, seen: number): void;
  /** Tells of a message that waits for what the log does not show. */
  tellMissing(message: LaneMessage, hole: LogHoleError): Promise<void>;
  /** Tells of a call that kept a group's messages from being settled. */
  tellTrouble(error: unknown, messages: readonly ReceivedMessage[]): void;
  /** Whether nothing may be begun any more. */
  isOver(): boolean;
  /** Whether too little time is left to begin more than what came. */
  timeIsShort(): boolean;
  /** Whole seconds until then, one more than it takes. */
  secondsUntil(instant: EpochMs): number;
  count(metric: string): void;
}

/** What is left of an invocation when handlers are told to stop: time to give back what is not done. */
const DEADLINE_RESERVE_MS = 500;

/** The share of an invocation's time that is kept for what came with the batch. */
const SHORT_TIME_RATIO = 0.3;

export function createWorkbench(served: SubscriptionHandlers, options: ConsumerOptions, context: Context): Workbench {
  const { logger, metrics, clock, bell, maxReceiveCount, timeoutSignal = AbortSignal.timeout } = options;
  const { subscription } = served;
  const givenMs = context.getRemainingTimeInMillis();
  const workMs = Math.max(givenMs - DEADLINE_RESERVE_MS, 0);
  const signal = timeoutSignal(workMs);
  noteDeadline(signal, addMs(clock.now(), workMs));
  const renewal = createRenewal(options);
  const failures = createMessageFailures({ ...options, subscription, renewal });

  return {
    bell,
    clock,
    limits: { maxReceiveCount },
    visibilityTimeoutSeconds: options.visibilityTimeoutSeconds,
    failures,
    renewal,
    takes: takesOf(subscription.events),
    subscription,
    logger,
    attempt(body, { message, guards, generation } = {}) {
      const log = logger.createChild();
      if (message !== undefined) {
        log.appendKeys({ message_id: message.messageId, receive_count: message.receiveCount });
      }
      return attemptEvent(body, served, options, { context, signal }, log, { guards, generation });
    },
    skip({ event }, unverified) {
      metrics.addMetric(METRIC.duplicatesSkipped, MetricUnit.Count, 1);
      const ids = { event_id: event.id, tenant_id: event.tenantid };
      if (unverified === undefined) {
        logger.info('duplicate skipped: the event was handled before', ids);
        return;
      }
      // what is older than the consumer's start is none of its events
      if (unverified !== 'before the start') metrics.addMetric(METRIC.duplicatesUnverified, MetricUnit.Count, 1);
      logger.warn('skipped as a duplicate: the cursor is past the event, and the inbox cannot tell any more', {
        ...ids,
        group: event.partitionkey,
        sequence: event.sequence,
        why: unverified,
      });
    },
    tellSteppedOver(group, { from, to, why }, seen) {
      const told = { group, from_sequence: from, to_sequence: to };
      if (why === 'tombstone') {
        metrics.addMetric(METRIC.tombstonesSteppedOver, MetricUnit.Count, to - from + 1);
        logger.warn('stepped over places that an operator has marked as empty', told);
        return;
      }
      if (why === 'forgotten') {
        metrics.addMetric(METRIC.eventsForgotten, MetricUnit.Count, to - from + 1);
        logger.warn('stepped over events that may have been handled: neither cursor nor inbox can tell any more', told);
        return;
      }
      metrics.addMetric(METRIC.placesExpired, MetricUnit.Count, to - from + 1);
      // messages of these events had come: some were to be handled, and never can be
      const expiredUnhandled = Math.max(Math.min(to, seen) - from + 1, 0);
      if (expiredUnhandled > 0) metrics.addMetric(METRIC.eventsExpiredUnhandled, MetricUnit.Count, expiredUnhandled);
      const level = expiredUnhandled > 0 ? 'error' : 'info';
      logger[level]('stepped over events that the log keeps no longer', { ...told, seen });
    },
    async tellMissing({ event, body, receiveCount }, { group, places, code, message }) {
      metrics.addMetric(METRIC.logHoles, MetricUnit.Count, 1);
      metrics.addMetric(METRIC.eventsDeferred, MetricUnit.Count, 1);
      logger.error('the log does not show events that must be there: the event waits for them', {
        event_id: event.id,
        tenant_id: event.tenantid,
        group,
        sequence: event.sequence,
        from_sequence: places.from,
        to_sequence: places.to,
        error_code: code,
      });
      const reason = { code, message };
      await failures.noteWaiting(body, { attempts: receiveCount, reason, state: 'retrying' }, '');
    },
    tellTrouble(error, messages) {
      const owners = new Set(messages.map(({ event }) => event?.tenantid));
      logger.error('a group could not be settled: its messages go back to the queue', {
        error: loggable(error),
        groups: [...new Set(messages.map(({ event, messageGroup }) => event?.partitionkey ?? messageGroup))],
        tenant_id: owners.size === 1 ? [...owners][0] : undefined,
      });
    },
    isOver: () => signal.aborted,
    timeIsShort: () => signal.aborted || context.getRemainingTimeInMillis() < givenMs * SHORT_TIME_RATIO,
    secondsUntil: (instant) => Math.max(Math.ceil((instant - clock.now()) / 1000), 0) + 1,
    count: (metric) => void metrics.addMetric(metric, MetricUnit.Count, 1),
  };
}

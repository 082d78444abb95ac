import { createHash } from 'node:crypto';
import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import {
  type CloudEvent,
  isBeyondDeployment,
  METRIC,
  type RetryPolicy,
  type Subscription,
} from '../definitions/index.ts';
import { fullJitterMs } from '../shared/backoff.ts';
import { loggable } from '../shared/thrown.ts';
import type { Clock, EpochMs } from '../shared/time.ts';
import type { Tenancy } from '../tenancy/index.ts';
import type { Blocker } from './cursor.ts';
import { type Failure, type KnownWait, longestWaitSeconds } from './error-policy.ts';
import { EVENT_TYPE_UNKNOWN } from './errors.ts';
import type { FailureNote, FailureNotes, NewFailure } from './failure-notes.ts';
import type { ReceivedMessage, SerializedEvent } from './message.ts';
import type { ConsumerQueue } from './ports.ts';
import type { ConsumerTelemetry } from './telemetry.ts';

/** An event that moves to the DLQ. */
export interface DeadLetter {
  /** The event's id. If the message holds no event, `message:` and the message's id. */
  readonly subject: string;
  /** The event's tenant; absent if it has none, or the message holds no event. */
  readonly tenantId?: string;
  readonly body: string;
  readonly failure: { readonly code: string; readonly message: string };
  /** Whether later events of its group are blocked by it. */
  readonly holdsGroup: boolean;
}

export interface RedeliveryDeps {
  readonly subscription: Subscription;
  readonly notes: FailureNotes;
  readonly queue: ConsumerQueue;
  readonly telemetry: Pick<ConsumerTelemetry, 'messageRenewed'>;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  /** Receives after which SQS moves a message to the DLQ. */
  readonly maxReceiveCount: number;
  /** Receives after which a failed event is a dead letter. @default - `maxReceiveCount` */
  readonly maxAttempts?: number;
  /** @default - as the subscription has it */
  readonly retry?: RetryPolicy;
  /** The queue's visibility timeout. */
  readonly visibilityTimeoutSeconds: number;
  /** How long the queue keeps a message. */
  readonly queueRetentionSeconds: number;
  /** Called at least once for each event that moves to the DLQ, as the event's tenant. Errors are logged. */
  readonly onDeadLetter?: (deadLetter: DeadLetter) => void | Promise<void>;
  /** @default - the hook runs without a tenant */
  readonly tenancy?: Pick<Tenancy, 'runAsTenant'>;
}

/**
 * Decides when a message is received again and whether it becomes a dead letter, and records why. Only this module
 * changes visibility.
 */
export interface Redelivery {
  /** The wait after the n-th receive, in whole seconds from 1. */
  backoffSeconds(receiveCount: number, wait: KnownWait): number;
  /**
   * Records why the message failed, and hides it until its next attempt; for 0 seconds if SQS must move it to the DLQ.
   * @returns `renewed` if it had used up its receives by waiting and a new message has replaced it
   */
  afterFailure(message: ReceivedMessage, failure: Failure): Promise<'returned' | 'renewed'>;
  /**
   * Whether the message is not tried any more: its tuned attempts are used up, and SQS is about to move it to the DLQ. For a
   * message of a group with a cursor, the cursor tells.
   */
  isGivenUp(message: ReceivedMessage): Promise<boolean>;
  /**
   * Releases messages that were not tried, or whose failure was not caused by their event. A message on its last
   * receive would become a dead letter, so a new message replaces it.
   * @returns the messages that return to the queue
   */
  release(messages: readonly ReceivedMessage[]): Promise<readonly ReceivedMessage[]>;
  /**
   * Hides a message until its next attempt.
   * @param group where to resend the event if another execution has received the message; undefined if no resend is
   * needed
   */
  postpone(message: ReceivedMessage, delaySeconds: number, group?: string): Promise<void>;
  /**
   * The same for a message whose event was not at fault. On its last receive it is about to be replaced: if it became
   * visible before, SQS would move it to the DLQ.
   */
  postponeUntried(message: ReceivedMessage, delaySeconds: number, group?: string): Promise<void>;
  /** Makes messages visible at once. The queue delivers them after the earlier messages of their group. */
  showAgain(messages: readonly ReceivedMessage[]): Promise<void>;
  /** Notes that an event which may have failed before was handled: it is not listed as a failure any more. */
  noteHandled(event: CloudEvent): Promise<void>;
  /** Records that a group is blocked by an event. */
  noteBlocked(
    content: SerializedEvent,
    blocker: Pick<Blocker, 'attempts' | 'reason' | 'state'> & Partial<Pick<Blocker, 'since' | 'deferred'>>,
    origin?: FailureOrigin,
  ): Promise<void>;
}

/** Where a failure comes from. */
type FailureOrigin = Pick<Failure, 'stackHead' | 'thrownAt'>;

const NO_ORIGIN: FailureOrigin = { stackHead: '' };

export function createRedelivery(deps: RedeliveryDeps): Redelivery {
  const { subscription, notes, queue, telemetry, metrics, logger, clock, random, maxReceiveCount } = deps;
  const { onDeadLetter, tenancy, visibilityTimeoutSeconds, maxAttempts = maxReceiveCount } = deps;
  const { baseSeconds, capSeconds } = deps.retry ?? subscription.retry;
  const longestSeconds = longestWaitSeconds(deps.queueRetentionSeconds, maxReceiveCount);

  const jitterSeconds = (failures: number) =>
    Math.ceil(fullJitterMs({ baseMs: baseSeconds * 1000, capMs: capSeconds * 1000 }, failures, random) / 1000);

  // a known wait does not grow; its jitter keeps the events of many groups from returning at the same time
  const backoffSeconds = (receiveCount: number, { retryAfterSeconds, deferrable }: KnownWait) => {
    const seconds =
      deferrable && retryAfterSeconds > 0
        ? retryAfterSeconds + jitterSeconds(1)
        : Math.max(jitterSeconds(receiveCount), retryAfterSeconds);
    return Math.max(Math.min(seconds, longestSeconds), 1);
  };

  /** Replaces a message by a new one of the same event. Requires a group. */
  const renew = async (
    { event, messageGroup, content, receiptHandle }: ReceivedMessage,
    failure?: Pick<Failure, 'code'>,
  ): Promise<boolean> => {
    const group = event?.partitionkey ?? messageGroup;
    if (group === undefined) return false;
    // resend before delete: a crash in between leaves an extra message, not a lost one
    await queue.resend(group, content.body);
    await queue.delete([receiptHandle]);
    if (event !== undefined) telemetry.messageRenewed(event, failure?.code);
    return true;
  };

  const postpone: Redelivery['postpone'] = async ({ receiptHandle, content }, delaySeconds, group) => {
    const outcome = await queue.changeVisibility(receiptHandle, delaySeconds);
    if (outcome === 'stale' && group !== undefined) await queue.resend(group, content.body);
  };

  /** A failing note or hook must not change the result of the message. */
  const tolerate = async (what: string, { subject, tenantId }: Subject, action: () => void | Promise<void>) => {
    try {
      await action();
    } catch (error) {
      logger.warn(`${what} failed`, { subject, tenant_id: tenantId, error: loggable(error) });
    }
  };

  /**
   * Reports events without a tenant outside any tenant, even if tenants are required: that is why they are dead
   * letters.
   */
  const asOwner = <Value>(tenantId: string | undefined, work: () => Value): Value =>
    tenantId === undefined || tenancy === undefined ? work() : tenancy.runAsTenant(tenantId, work);

  const record = async (note: NewFailure, body: string) => {
    await tolerate('recording a failure', note, () => notes.record(note));
    if (note.state !== 'dead') return;
    const { subject, tenantId, code, message, holdsGroup } = note;
    const owner = tenantId === undefined ? {} : { tenantId };
    logger.error('the event goes to the dead-letter queue', {
      subject,
      tenant_id: tenantId,
      error_code: code,
      reason: message,
      holds_group: holdsGroup,
    });
    await tolerate('onDeadLetter', note, () =>
      asOwner(tenantId, () => onDeadLetter?.({ subject, ...owner, body, failure: { code, message }, holdsGroup })),
    );
  };

  /**
   * When the code first did not know the event's type. The note keeps it across messages. A redrive, which is the first
   * receive of a dead letter, starts again.
   */
  const unknownSinceOf = async (message: ReceivedMessage): Promise<EpochMs> => {
    const { subject, tenantId } = subjectOfMessage(message);
    try {
      const note = await notes.find(subject);
      const continues = note?.code === EVENT_TYPE_UNKNOWN && (note.state === 'retrying' || message.receiveCount > 1);
      return (continues ? note.unknownSince : undefined) ?? clock.now();
    } catch (error) {
      // if the note cannot be read, the event keeps waiting: it must not become a dead letter for that
      logger.warn('reading a failure note failed', { subject, tenant_id: tenantId, error: loggable(error) });
      return clock.now();
    }
  };

  return {
    backoffSeconds,

    async afterFailure(message, failure) {
      const { code, message: reason, stackHead, thrownAt } = failure;
      const unknownSince = code === EVENT_TYPE_UNKNOWN ? await unknownSinceOf(message) : undefined;
      const isUnknownTooLong = unknownSince !== undefined && isBeyondDeployment(unknownSince, clock.now());
      const permanent = failure.permanent || isUnknownTooLong;
      const deferrable = failure.deferrable && !permanent;
      const isUsedUp = message.receiveCount >= maxReceiveCount;
      if (deferrable) metrics.addMetric(METRIC.eventsDeferred, MetricUnit.Count, 1);
      const isRenewed = isUsedUp && deferrable && (await renew(message, failure));
      const isTriedEnough = message.receiveCount >= maxAttempts && !deferrable;
      const isFinal = permanent || isTriedEnough || (isUsedUp && !isRenewed);
      if (!isRenewed) {
        const seconds = isFinal ? 0 : backoffSeconds(message.receiveCount, failure);
        await postpone(message, seconds);
      }
      const note = {
        ...subjectOfMessage(message),
        ...(unknownSince === undefined ? {} : { unknownSince }),
        ...(deferrable && !isFinal ? { deferred: true as const } : {}),
        ...{ code, message: reason, stackHead, thrownAt, attempts: message.receiveCount, holdsGroup: false },
      };
      await record({ ...note, state: isFinal ? 'dead' : 'retrying' }, message.content.body);
      return isRenewed ? 'renewed' : 'returned';
    },

    async isGivenUp(message) {
      if (message.receiveCount <= maxAttempts) return false;
      const { subject, tenantId } = subjectOfMessage(message);
      try {
        return (await notes.find(subject))?.state === 'dead';
      } catch (error) {
        logger.warn('reading a failure note failed', { subject, tenant_id: tenantId, error: loggable(error) });
        return false;
      }
    },

    async release(messages) {
      const returned: ReceivedMessage[] = [];
      // one after another: they may belong to the same group
      for (const message of messages) {
        const isRenewed = message.receiveCount >= maxReceiveCount && (await renew(message));
        if (!isRenewed) returned.push(message);
      }
      return returned;
    },

    postpone,
    postponeUntried(message, delaySeconds, group) {
      const isLast = message.receiveCount >= maxReceiveCount;
      return postpone(message, isLast ? Math.max(delaySeconds, visibilityTimeoutSeconds) : delaySeconds, group);
    },
    async showAgain(messages) {
      await Promise.all(messages.map((message) => postpone(message, 0)));
    },

    async noteHandled(event) {
      const subject = subjectOf(event);
      await tolerate('resolving a failure', subject, () => notes.resolve(subject.subject));
    },

    async noteBlocked(content, { attempts, reason, state, since, deferred }, { stackHead, thrownAt } = NO_ORIGIN) {
      if (state === 'dead') metrics.addMetric(METRIC.groupsHeld, MetricUnit.Count, 1);
      const unknown = reason.code === EVENT_TYPE_UNKNOWN && since !== undefined ? { unknownSince: since } : {};
      const note = {
        ...subjectOfContent(content),
        ...unknown,
        ...(deferred === true && state !== 'dead' ? { deferred } : {}),
        ...reason,
        stackHead,
        thrownAt,
        attempts,
        state,
        holdsGroup: true,
      };
      await record(note, content.body);
    },
  };
}

type Subject = Pick<FailureNote, 'subject' | 'tenantId' | 'event'>;

const subjectOfMessage = ({ event, messageId }: ReceivedMessage): Subject =>
  event === undefined ? { subject: `message:${messageId}` } : subjectOf(event);

const subjectOf = ({ id, tenantid, source, type, partitionkey: group, sequence }: CloudEvent): Subject => ({
  subject: id,
  ...(tenantid === undefined ? {} : { tenantId: tenantid }),
  event: { source, type, group, sequence: Number(sequence) },
});

/** A logged event may be unreadable. The subject of its note is then the hash of the body. */
const subjectOfContent = ({ event, body }: SerializedEvent): Subject =>
  event === undefined ? { subject: `unreadable:${createHash('sha256').update(body).digest('hex')}` } : subjectOf(event);

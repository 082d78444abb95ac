import { createHash } from 'node:crypto';
import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type CloudEvent, isBeyondDeployment, METRIC, type Subscription } from '../definitions/index.ts';
import { fullJitterMs } from '../shared/backoff.ts';
import { loggable } from '../shared/thrown.ts';
import type { Clock, EpochMs } from '../shared/time.ts';
import type { Tenancy } from '../tenancy/index.ts';
import type { Blocker } from './cursor.ts';
import { type Failure, type KnownWait, longestWaitSeconds } from './error-policy.ts';
import { EVENT_TYPE_UNKNOWN } from './errors.ts';
import type { FailureNote, FailureNotes } from './failure-notes.ts';
import type { ReceivedMessage, SerializedEvent } from './message.ts';
import type { ConsumerQueue } from './ports.ts';
import type { ConsumerTelemetry } from './telemetry.ts';

/** An event that goes to the DLQ. */
export interface DeadLetter {
  /** The event's id; of a message that is no event, `message:` and the message's id. */
  readonly subject: string;
  /** Whose event it is; absent where it has no tenant, or is no event. */
  readonly tenantId?: string;
  readonly body: string;
  readonly failure: Pick<Failure, 'code' | 'message'>;
  /** Whether later events of its group wait for it. */
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
  /** The queue's visibility timeout. */
  readonly visibilityTimeoutSeconds: number;
  /** How long the queue keeps a message. */
  readonly queueRetentionSeconds: number;
  /** Called for each event that goes to the DLQ, at least once, as the event's tenant; what it throws is logged. */
  readonly onDeadLetter?: (deadLetter: DeadLetter) => void | Promise<void>;
  /** @default - nobody asks for a tenant */
  readonly tenancy?: Pick<Tenancy, 'runAsTenant'>;
}

/** Decides when a message comes again, the only place where its visibility changes, whether it becomes a dead letter, and notes why. */
export interface Redelivery {
  /** How long to wait after the n-th receive, in whole seconds from 1. */
  backoffSeconds(receiveCount: number, wait: KnownWait): number;
  /**
   * Notes why the message failed, and keeps it invisible until its next try; for 0 seconds if SQS is to move it to the DLQ.
   * @returns `renewed`: its receives were used up by waiting, and a new message has taken its place
   */
  afterFailure(message: ReceivedMessage, failure: Failure): Promise<'returned' | 'renewed'>;
  /**
   * Releases messages for which nothing was tried, or whose failure is not their own fault. One on its last receive would become
   * a dead letter: a new message takes its place instead.
   * @returns what goes back to the queue
   */
  release(messages: readonly ReceivedMessage[]): Promise<readonly ReceivedMessage[]>;
  /**
   * Keeps a message invisible until its next try.
   * @param group where the event is resent if another execution took the message over; undefined where it need not be
   */
  postpone(message: ReceivedMessage, delaySeconds: number, group?: string): Promise<void>;
  /**
   * The same for a message that goes back through no fault of its event. On its last receive it is about to get a new
   * one in its place: if it became visible before that, SQS would move it to the DLQ.
   */
  postponeUntried(message: ReceivedMessage, delaySeconds: number, group?: string): Promise<void>;
  /** Makes messages visible at once: the queue gives them out behind the earlier ones of their group. */
  showAgain(messages: readonly ReceivedMessage[]): Promise<void>;
  /** Notes that a group is blocked by an event. */
  noteBlocked(
    content: SerializedEvent,
    blocker: Pick<Blocker, 'attempts' | 'reason' | 'state'> & Partial<Pick<Blocker, 'since'>>,
    stackHead: string,
  ): Promise<void>;
}

export function createRedelivery(deps: RedeliveryDeps): Redelivery {
  const { subscription, notes, queue, telemetry, metrics, logger, clock, random, maxReceiveCount } = deps;
  const { onDeadLetter, tenancy, visibilityTimeoutSeconds } = deps;
  const { baseSeconds, capSeconds } = subscription.retry;
  const longestSeconds = longestWaitSeconds(deps.queueRetentionSeconds, maxReceiveCount);

  const jitterSeconds = (failures: number) =>
    Math.ceil(fullJitterMs({ baseMs: baseSeconds * 1000, capMs: capSeconds * 1000 }, failures, random) / 1000);

  // a wait that is known does not grow; its jitter keeps the events of many groups from coming back all at once
  const backoffSeconds = (receiveCount: number, { retryAfterSeconds, deferrable }: KnownWait) => {
    const seconds =
      deferrable && retryAfterSeconds > 0
        ? retryAfterSeconds + jitterSeconds(1)
        : Math.max(jitterSeconds(receiveCount), retryAfterSeconds);
    return Math.max(Math.min(seconds, longestSeconds), 1);
  };

  /** Puts a new message of the event in place of this one; not without a group to put it into. */
  const renew = async ({ event, messageGroup, content, receiptHandle }: ReceivedMessage): Promise<boolean> => {
    const group = event?.partitionkey ?? messageGroup;
    if (group === undefined) return false;
    // the new message before the old one goes: a crash between them leaves one too many, not none
    await queue.resend(group, content.body);
    await queue.delete([receiptHandle]);
    if (event !== undefined) telemetry.messageRenewed(event);
    return true;
  };

  const postpone: Redelivery['postpone'] = async ({ receiptHandle, content }, delaySeconds, group) => {
    const outcome = await queue.changeVisibility(receiptHandle, delaySeconds);
    if (outcome === 'gone' && group !== undefined) await queue.resend(group, content.body);
  };

  /** A note or a hook that fails must not change what becomes of the message. */
  const tolerate = async (what: string, { subject, tenantId }: Subject, action: () => void | Promise<void>) => {
    try {
      await action();
    } catch (error) {
      logger.warn(`${what} failed`, { subject, tenant_id: tenantId, error: loggable(error) });
    }
  };

  /** Reports events without a tenant under no tenant, even when one is required: they are dead letters for that. */
  const asOwner = <Value>(tenantId: string | undefined, work: () => Value): Value =>
    tenantId === undefined || tenancy === undefined ? work() : tenancy.runAsTenant(tenantId, work);

  const record = async (note: Omit<FailureNote, 'firstAt' | 'lastAt'>, body: string) => {
    await tolerate('noting a failure', note, () => notes.record(note));
    if (note.state !== 'dead') return;
    const { subject, tenantId, code, message, holdsGroup } = note;
    const whose = tenantId === undefined ? {} : { tenantId };
    logger.error('the event goes to the dead-letter queue', {
      subject,
      tenant_id: tenantId,
      error_code: code,
      reason: message,
      holds_group: holdsGroup,
    });
    await tolerate('onDeadLetter', note, () =>
      asOwner(tenantId, () => onDeadLetter?.({ subject, ...whose, body, failure: { code, message }, holdsGroup })),
    );
  };

  /**
   * Since when the code has not known the event's type. The note keeps it from message to message; a redrive, the first
   * receive after the event was a dead letter, begins anew.
   */
  const unknownSinceOf = async (message: ReceivedMessage): Promise<EpochMs> => {
    const { subject, tenantId } = subjectOfMessage(message);
    try {
      const note = await notes.find(subject);
      const goesOn = note?.code === EVENT_TYPE_UNKNOWN && (note.state === 'retrying' || message.receiveCount > 1);
      return (goesOn ? note.unknownSince : undefined) ?? clock.now();
    } catch (error) {
      // an event whose note cannot be read waits on: it must not become a dead letter for that
      logger.warn('reading a failure note failed', { subject, tenant_id: tenantId, error: loggable(error) });
      return clock.now();
    }
  };

  return {
    backoffSeconds,

    async afterFailure(message, failure) {
      const { code, message: reason, stackHead } = failure;
      const unknownSince = code === EVENT_TYPE_UNKNOWN ? await unknownSinceOf(message) : undefined;
      const isUnknownForGood = unknownSince !== undefined && isBeyondDeployment(unknownSince, clock.now());
      const permanent = failure.permanent || isUnknownForGood;
      const deferrable = failure.deferrable && !permanent;
      const isUsedUp = message.receiveCount >= maxReceiveCount;
      if (deferrable) metrics.addMetric(METRIC.eventsDeferred, MetricUnit.Count, 1);
      const isRenewed = isUsedUp && deferrable && (await renew(message));
      const isOver = permanent || (isUsedUp && !isRenewed);
      if (!isRenewed) {
        const seconds = isOver ? 0 : backoffSeconds(message.receiveCount, failure);
        await postpone(message, seconds);
      }
      const note = {
        ...subjectOfMessage(message),
        ...(unknownSince === undefined ? {} : { unknownSince }),
        ...{ code, message: reason, stackHead, attempts: message.receiveCount, holdsGroup: false },
      };
      await record({ ...note, state: isOver ? 'dead' : 'retrying' }, message.content.body);
      return isRenewed ? 'renewed' : 'returned';
    },

    async release(messages) {
      const returned: ReceivedMessage[] = [];
      // one after another: they may be of one group
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

    async noteBlocked(content, { attempts, reason, state, since }, stackHead) {
      if (state === 'dead') metrics.addMetric(METRIC.groupsHeld, MetricUnit.Count, 1);
      const unknown = reason.code === EVENT_TYPE_UNKNOWN && since !== undefined ? { unknownSince: since } : {};
      const note = {
        ...subjectOfContent(content),
        ...unknown,
        ...reason,
        stackHead,
        attempts,
        state,
        holdsGroup: true,
      };
      await record(note, content.body);
    },
  };
}

type Subject = Pick<FailureNote, 'subject' | 'tenantId'>;

const subjectOfMessage = ({ event, messageId }: ReceivedMessage): Subject =>
  event === undefined ? { subject: `message:${messageId}` } : subjectOf(event);

const subjectOf = ({ id, tenantid }: CloudEvent): Subject => ({
  subject: id,
  ...(tenantid === undefined ? {} : { tenantId: tenantid }),
});

/** An event from the log may be unreadable: its note is then found by the hash of the text, which nobody may read there. */
const subjectOfContent = ({ event, body }: SerializedEvent): Subject =>
  event === undefined ? { subject: `unreadable:${createHash('sha256').update(body).digest('hex')}` } : subjectOf(event);

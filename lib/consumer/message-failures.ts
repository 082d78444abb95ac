import { createHash } from 'node:crypto';
import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type CloudEvent, isBeyondDeployment, METRIC, type Subscription } from '../contracts/index.ts';
import { parseEvent } from '../event/index.ts';
import type { FailureNote, FailureNotes } from '../inbox/index.ts';
import type { Bell, WaitingFor } from '../ordering/index.ts';
import { fullJitterMs } from '../shared/backoff.ts';
import { loggable } from '../shared/thrown.ts';
import type { Clock, EpochMs } from '../shared/time.ts';
import type { Tenancy } from '../tenancy/index.ts';
import { type Failure, type KnownWait, longestWaitSeconds } from './error-policy.ts';
import { EVENT_TYPE_UNKNOWN } from './errors.ts';
import type { ReceivedMessage } from './received-message.ts';
import type { Renewal } from './renewal.ts';

/** What a consumer tells of an event that goes to the DLQ. */
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

export interface MessageFailuresDeps {
  readonly subscription: Subscription;
  readonly notes: FailureNotes;
  readonly bell: Bell;
  readonly renewal: Renewal;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  /** Receives after which SQS moves a message to the DLQ. */
  readonly maxReceiveCount: number;
  /** How long the queue keeps a message. */
  readonly queueRetentionSeconds: number;
  /** Hears of each event that goes to the DLQ, at least once, as the event's tenant; what it throws is logged. */
  readonly onDeadLetter?: (deadLetter: DeadLetter) => void | Promise<void>;
  /** @default - nobody asks for a tenant */
  readonly tenancy?: Pick<Tenancy, 'runAsTenant'>;
}

/** What is done about a message that failed. */
export interface MessageFailures {
  /** How long to wait after the n-th receive, in whole seconds from 1. */
  backoffSeconds(receiveCount: number, wait: KnownWait): number;
  /**
   * Notes why the message failed, and hides it until it is to be tried again; at once where SQS is to have it.
   * @returns `renewed`: its receives were used up waiting; the event has a new message, and this one is done with
   */
  giveBack(message: ReceivedMessage, failure: Failure): Promise<'returned' | 'renewed'>;
  /** Notes that a group waits for an event. */
  noteWaiting(
    body: string,
    waitingFor: Pick<WaitingFor, 'attempts' | 'reason' | 'state'> & Partial<Pick<WaitingFor, 'since'>>,
    stackHead: string,
  ): Promise<void>;
}

export function createMessageFailures(deps: MessageFailuresDeps): MessageFailures {
  const { subscription, notes, bell, renewal, metrics, logger, clock, random, maxReceiveCount } = deps;
  const { onDeadLetter, tenancy } = deps;
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

  /** A note or a hook that fails must not change what becomes of the message. */
  const attempt = async (what: string, { subject, tenantId }: Subject, action: () => void | Promise<void>) => {
    try {
      await action();
    } catch (error) {
      logger.warn(`${what} failed`, { subject, tenant_id: tenantId, error: loggable(error) });
    }
  };

  /** What has no tenant is told of as nobody's, also where a tenant is required: it is a dead letter for that. */
  const asOwner = <Value>(tenantId: string | undefined, work: () => Value): Value =>
    tenantId === undefined || tenancy === undefined ? work() : tenancy.runAsTenant(tenantId, work);

  const tell = async (note: Omit<FailureNote, 'firstAt' | 'lastAt'>, body: string) => {
    await attempt('noting a failure', note, () => notes.record(note));
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
    await attempt('onDeadLetter', note, () =>
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
      // whoever cannot tell waits on: no event becomes a dead letter for it
      logger.warn('reading a failure note failed', { subject, tenant_id: tenantId, error: loggable(error) });
      return clock.now();
    }
  };

  return {
    backoffSeconds,

    async giveBack(message, failure) {
      const { code, message: reason, stackHead } = failure;
      const unknownSince = code === EVENT_TYPE_UNKNOWN ? await unknownSinceOf(message) : undefined;
      const isUnknownForGood = unknownSince !== undefined && isBeyondDeployment(unknownSince, clock.now());
      const permanent = failure.permanent || isUnknownForGood;
      const deferrable = failure.deferrable && !permanent;
      const isUsedUp = message.receiveCount >= maxReceiveCount;
      if (deferrable) metrics.addMetric(METRIC.eventsDeferred, MetricUnit.Count, 1);
      const isRenewed = isUsedUp && deferrable && (await renewal.renew(message));
      const isOver = permanent || (isUsedUp && !isRenewed);
      if (!isRenewed) {
        await bell.hide(message.receiptHandle, isOver ? 0 : backoffSeconds(message.receiveCount, failure));
      }
      const note = {
        ...subjectOfMessage(message),
        ...(unknownSince === undefined ? {} : { unknownSince }),
        ...{ code, message: reason, stackHead, attempts: message.receiveCount, holdsGroup: false },
      };
      await tell({ ...note, state: isOver ? 'dead' : 'retrying' }, message.body);
      return isRenewed ? 'renewed' : 'returned';
    },

    async noteWaiting(body, { attempts, reason, state, since }, stackHead) {
      if (state === 'dead') metrics.addMetric(METRIC.groupsHeld, MetricUnit.Count, 1);
      const unknown = reason.code === EVENT_TYPE_UNKNOWN && since !== undefined ? { unknownSince: since } : {};
      await tell({ ...loggedSubject(body), ...unknown, ...reason, stackHead, attempts, state, holdsGroup: true }, body);
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
function loggedSubject(body: string): Subject {
  try {
    return subjectOf(parseEvent(body));
  } catch {
    return { subject: `unreadable:${createHash('sha256').update(body).digest('hex')}` };
  }
}

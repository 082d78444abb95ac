import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type CloudEvent, METRIC, type Subscription } from '../contracts/index.ts';
import { parseEvent } from '../event/index.ts';
import type { FailureNote, FailureNotes } from '../inbox/index.ts';
import type { Bell, WaitingFor } from '../ordering/index.ts';
import { fullJitterMs } from '../shared/backoff.ts';
import { type Failure, toError } from './describe-failure.ts';
import type { ReceivedMessage } from './received-message.ts';

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
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly random: () => number;
  /** Receives after which SQS moves a message to the DLQ. */
  readonly maxReceiveCount: number;
  /** Hears of each event that goes to the DLQ, at least once; what it throws is logged. */
  readonly onDeadLetter?: (deadLetter: DeadLetter) => void | Promise<void>;
}

/** What is done about a message that failed. */
export interface MessageFailures {
  /** How long to wait after the n-th receive, in whole seconds from 1. */
  backoffSeconds(receiveCount: number): number;
  /** Notes why the message failed, and hides it until it is to be tried again; at once where SQS is to have it. */
  giveBack(message: ReceivedMessage, failure: Failure): Promise<void>;
  /** Notes that a group waits for an event. */
  noteWaiting(body: string, waitingFor: WaitingFor, stackHead: string): Promise<void>;
}

export function createMessageFailures(deps: MessageFailuresDeps): MessageFailures {
  const { subscription, notes, bell, metrics, logger, random, maxReceiveCount, onDeadLetter } = deps;
  const { baseSeconds, capSeconds } = subscription.retry;

  const backoffSeconds = (receiveCount: number) =>
    Math.max(
      Math.ceil(fullJitterMs({ baseMs: baseSeconds * 1000, capMs: capSeconds * 1000 }, receiveCount, random) / 1000),
      1,
    );

  /** A note or a hook that fails must not change what becomes of the message. */
  const attempt = async (what: string, action: () => void | Promise<void>) => {
    try {
      await action();
    } catch (error) {
      logger.warn(`${what} failed`, { error: toError(error) });
    }
  };

  const tell = async (note: Omit<FailureNote, 'firstAt' | 'lastAt'>, body: string) => {
    await attempt('noting a failure', () => notes.record(note));
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
    await attempt('onDeadLetter', () =>
      onDeadLetter?.({ subject, ...whose, body, failure: { code, message }, holdsGroup }),
    );
  };

  return {
    backoffSeconds,

    async giveBack(message, { code, message: reason, stackHead, permanent }) {
      const isOver = permanent || message.receiveCount >= maxReceiveCount;
      await bell.hide(message.receiptHandle, isOver ? 0 : backoffSeconds(message.receiveCount));
      const subject =
        message.event === undefined ? { subject: `message:${message.messageId}` } : subjectOf(message.event);
      const state = isOver ? 'dead' : 'retrying';
      await tell(
        { ...subject, code, message: reason, stackHead, attempts: message.receiveCount, state, holdsGroup: false },
        message.body,
      );
    },

    async noteWaiting(body, { attempts, reason, state }, stackHead) {
      if (state === 'dead') metrics.addMetric(METRIC.groupsHeld, MetricUnit.Count, 1);
      await tell({ ...loggedSubject(body), ...reason, stackHead, attempts, state, holdsGroup: true }, body);
    },
  };
}

type Subject = Pick<FailureNote, 'subject' | 'tenantId'>;

const subjectOf = ({ id, tenantid }: CloudEvent): Subject => ({
  subject: id,
  ...(tenantid === undefined ? {} : { tenantId: tenantid }),
});

/** An event from the log may be unreadable: its note is then found by the text itself. */
function loggedSubject(body: string): Subject {
  try {
    return subjectOf(parseEvent(body));
  } catch {
    return { subject: `unreadable:${body.slice(0, 100)}` };
  }
}

import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { type ConsumerTuning, type Subscription, type Takes, takesOf } from '../definitions/index.ts';
import type { Sleep } from '../shared/backoff.ts';
import { noteDeadline } from '../shared/deadline.ts';
import { addMs, type Clock, type EpochMs } from '../shared/time.ts';
import { type Attempt, type AttemptDeps, type AttemptTerms, attemptEvent } from './attempt.ts';
import type { ConsumerHistory } from './consumer-history.ts';
import type { FailureNotes } from './failure-notes.ts';
import type { SubscriptionHandlers } from './handlers.ts';
import type { InboxMemory } from './inbox-memory.ts';
import type { ReceivedMessage, SerializedEvent } from './message.ts';
import type { CrashSuspect } from './order-gate.ts';
import type { ConsumerQueue, CursorStore, EventLog } from './ports.ts';
import { createRedelivery, type DeadLetter, type Redelivery } from './redelivery.ts';
import { type ConsumerTelemetry, createConsumerTelemetry } from './telemetry.ts';

/** What a consumer with `ordering: 'strict'` also needs. */
export interface StrictOrdering {
  readonly cursors: CursorStore;
  readonly log: EventLog;
  /** Waits between two reads of a hole in the log. */
  readonly sleep: Sleep;
  readonly memory: InboxMemory;
  /** Where to start in a group without a cursor. */
  readonly startInstant: () => Promise<EpochMs>;
  /** The settings under which the consumer has run. @default - the current settings only */
  readonly history?: (() => Promise<ConsumerHistory>) | undefined;
}

export interface ConsumerOptions<S extends Subscription = Subscription> extends AttemptDeps {
  /** For which subscription they were made; the handlers must be for the same. @default - whatever the handlers are for */
  readonly subscription?: NoInfer<S> | undefined;
  readonly logger: Logger;
  readonly queue: ConsumerQueue;
  readonly notes: FailureNotes;
  /** Required for `ordering: 'strict'`. */
  readonly strict?: StrictOrdering | undefined;
  /** Records the consumer's settings, once per container. @default - the settings are not recorded */
  readonly recordSettings?: (() => Promise<unknown>) | undefined;
  /** What operations have tuned, asked once per invocation. MUST NOT reject. @default - nothing */
  readonly tuning?: (() => Promise<ConsumerTuning>) | undefined;
  /** Receives after which SQS moves a message to the DLQ. */
  readonly maxReceiveCount: number;
  /** The queue's visibility timeout. */
  readonly visibilityTimeoutSeconds: number;
  /** How long the queue keeps a message; the upper limit for every wait. */
  readonly queueRetentionSeconds: number;
  /** Returns a number from 0 up to but not including 1. */
  readonly random: () => number;
  /** A signal that is aborted after `delayMs`. @default AbortSignal.timeout */
  readonly timeoutSignal?: (delayMs: number) => AbortSignal;
  /**
   * Called at least once for each event that moves to the DLQ, as the event's tenant. Errors are logged. @default - no
   * hook
   */
  readonly onDeadLetter?: (deadLetter: DeadLetter) => void | Promise<void>;
}

interface AttemptOptions extends AttemptTerms {
  /** The event's message; absent if the event comes from the log. */
  readonly message?: ReceivedMessage;
}

/** Shared by all messages of one invocation. */
export interface BatchContext {
  readonly subscription: Subscription;
  readonly takes: Takes;
  readonly queue: ConsumerQueue;
  readonly clock: Clock;
  readonly maxReceiveCount: number;
  /** Receives after which a failed event is a dead letter: up to `maxReceiveCount`. */
  readonly maxAttempts: number;
  readonly visibilityTimeoutSeconds: number;
  readonly redelivery: Redelivery;
  readonly telemetry: ConsumerTelemetry;
  /** Handles an event once. Never throws. */
  attempt(content: SerializedEvent, terms?: AttemptOptions): Promise<Attempt>;
  /** True if no further message may be started. */
  isTimeUp(): boolean;
  /** True if only messages that are already received may be started, but no further events of the log. */
  isTimeShort(): boolean;
}

/** Time reserved at the end of an invocation to release unfinished messages. */
const DEADLINE_RESERVE_MS = 500;

/** Fraction of the invocation's time that is reserved for the batch's own messages. */
const SHORT_TIME_RATIO = 0.3;

export function createBatchContext(
  served: SubscriptionHandlers,
  options: ConsumerOptions,
  context: Context,
  tuning: ConsumerTuning = {},
): BatchContext {
  const { logger, clock, queue, maxReceiveCount, timeoutSignal = AbortSignal.timeout } = options;
  const { subscription } = served;
  const givenMs = context.getRemainingTimeInMillis();
  const workMs = Math.max(givenMs - DEADLINE_RESERVE_MS, 0);
  const signal = timeoutSignal(workMs);
  noteDeadline(signal, addMs(clock.now(), workMs));
  const telemetry = createConsumerTelemetry(options);
  const maxAttempts = Math.min(tuning.maxAttempts ?? maxReceiveCount, maxReceiveCount);

  return {
    subscription,
    takes: takesOf(subscription.events),
    queue,
    clock,
    maxReceiveCount,
    maxAttempts,
    visibilityTimeoutSeconds: options.visibilityTimeoutSeconds,
    redelivery: createRedelivery({
      ...options,
      subscription,
      telemetry,
      maxAttempts,
      retry: {
        baseSeconds: tuning.retryBaseSeconds ?? subscription.retry.baseSeconds,
        capSeconds: tuning.retryCapSeconds ?? subscription.retry.capSeconds,
      },
    }),
    telemetry,
    attempt(content, { message, ...terms } = {}) {
      const log = logger.createChild();
      if (message !== undefined) {
        log.appendKeys({ message_id: message.messageId, receive_count: message.receiveCount });
      }
      return attemptEvent(content, served, options, { context, signal }, log, terms);
    },
    isTimeUp: () => signal.aborted,
    isTimeShort: () => signal.aborted || context.getRemainingTimeInMillis() < givenMs * SHORT_TIME_RATIO,
  };
}

/** The messages of a batch that are processed one after another. */
export interface MessageGroup {
  readonly messages: readonly ReceivedMessage[];
  /** Whether one of them may crash the process. `unexplained`: received before, without a recorded failure. */
  readonly crashSuspect: CrashSuspect | 'unexplained';
  /** @returns the messages that return to the queue */
  process(): Promise<readonly ReceivedMessage[]>;
}

type Releasing = Pick<BatchContext, 'queue' | 'redelivery' | 'telemetry'>;

/**
 * Processes the groups of a batch concurrently. Groups that may crash the process run last and one by one, after the
 * finished messages have been deleted. Otherwise a crash would use up the receives of all messages in the batch and
 * move them to the DLQ, too.
 * @returns the messages that return to the queue
 */
export async function processGroups(
  groups: readonly MessageGroup[],
  batch: Releasing,
): Promise<readonly ReceivedMessage[]> {
  const returned: ReceivedMessage[] = [];
  let done: readonly ReceivedMessage[] = [];
  for (const phase of phasesOf(groups)) {
    if (done.length > 0) await batch.queue.delete(done.map(({ receiptHandle }) => receiptHandle));
    const kept = (await Promise.all(phase.map((group) => processOrRelease(group, batch)))).flat();
    done = phase.flatMap(({ messages }) => messages).filter((message) => !kept.includes(message));
    returned.push(...kept);
  }
  return returned;
}

/** The more likely a group is to crash the process, the later it runs. */
function phasesOf(groups: readonly MessageGroup[]): readonly (readonly MessageGroup[])[] {
  const of = (suspect: MessageGroup['crashSuspect']) => groups.filter(({ crashSuspect }) => crashSuspect === suspect);
  const oneByOne = (suspect: MessageGroup['crashSuspect']) => of(suspect).map((group) => [group]);
  // after an outage many messages are unexplained: one by one they would take too long
  return [of('none'), ...oneByOne('once'), of('unexplained'), ...oneByOne('repeated')].filter(
    (phase) => phase.length > 0,
  );
}

/**
 * Processes a group. If a call to DynamoDB or SQS fails, only this group's messages are released. Events that it had
 * already handled arrive again as duplicates.
 */
async function processOrRelease(
  { messages, process }: MessageGroup,
  { redelivery, telemetry }: Releasing,
): Promise<readonly ReceivedMessage[]> {
  try {
    return await process();
  } catch (error) {
    telemetry.groupFailed(error, messages);
  }
  try {
    return await redelivery.release(messages);
  } catch (error) {
    telemetry.groupFailed(error, messages);
    return messages;
  }
}

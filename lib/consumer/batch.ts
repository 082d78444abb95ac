import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { type Subscription, type Takes, takesOf } from '../definitions/index.ts';
import type { GuardedWrite } from '../outbox/index.ts';
import type { Sleep } from '../shared/backoff.ts';
import { noteDeadline } from '../shared/deadline.ts';
import { addMs, type Clock, type EpochMs } from '../shared/time.ts';
import { type Attempt, type AttemptDeps, attemptEvent } from './attempt.ts';
import type { ConsumerHistory } from './consumer-history.ts';
import type { FailureNotes } from './failure-notes.ts';
import type { SubscriptionHandlers } from './handlers.ts';
import type { InboxMemory } from './inbox-memory.ts';
import type { ReceivedMessage, SerializedEvent } from './message.ts';
import type { CrashSuspect } from './order-gate.ts';
import type { ConsumerQueue, CursorStore, EventLog } from './ports.ts';
import { createRedelivery, type DeadLetter, type Redelivery } from './redelivery.ts';
import { type ConsumerTelemetry, createConsumerTelemetry } from './telemetry.ts';

/** What a consumer with `ordering: 'strict'` needs beside the rest. */
export interface StrictOrdering {
  readonly cursors: CursorStore;
  readonly log: EventLog;
  /** Between two reads of a hole in the log. */
  readonly sleep: Sleep;
  readonly memory: InboxMemory;
  /** Where to start in a group without a cursor. */
  readonly startInstant: () => Promise<EpochMs>;
  /** Under which settings the consumer has run. @default - always under these */
  readonly history?: (() => Promise<ConsumerHistory>) | undefined;
}

export interface ConsumerOptions<S extends Subscription = Subscription> extends AttemptDeps {
  /** For which subscription they were made; the handlers must be for the same. @default - whatever the handlers are for */
  readonly subscription?: NoInfer<S> | undefined;
  readonly logger: Logger;
  readonly queue: ConsumerQueue;
  readonly notes: FailureNotes;
  /** Needed for `ordering: 'strict'`. */
  readonly strict?: StrictOrdering | undefined;
  /** Notes under which settings the consumer runs, once per container. @default - nobody asks for it later */
  readonly noteSettings?: (() => Promise<unknown>) | undefined;
  /** Receives after which SQS moves a message of the queue to the DLQ. */
  readonly maxReceiveCount: number;
  /** The queue's visibility timeout. */
  readonly visibilityTimeoutSeconds: number;
  /** How long the queue keeps a message: no event may wait for longer under one. */
  readonly queueRetentionSeconds: number;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  /** A signal that fires in `delayMs`. @default AbortSignal.timeout */
  readonly timeoutSignal?: (delayMs: number) => AbortSignal;
  /** Called for each event that goes to the DLQ, at least once, as its tenant; what it throws is logged. @default - nothing is called */
  readonly onDeadLetter?: (deadLetter: DeadLetter) => void | Promise<void>;
}

interface AttemptOptions {
  /** Whose event it is; absent where the event comes from the log. */
  readonly message?: ReceivedMessage;
  /** Committed together with the event's effect. */
  readonly guards?: readonly GuardedWrite[];
  /** Of the group's cursor, where there is one. @default 0 */
  readonly generation?: number;
}

/** What all messages of one invocation share. */
export interface BatchContext {
  readonly subscription: Subscription;
  readonly takes: Takes;
  readonly queue: ConsumerQueue;
  readonly clock: Clock;
  readonly maxReceiveCount: number;
  readonly visibilityTimeoutSeconds: number;
  readonly redelivery: Redelivery;
  readonly telemetry: ConsumerTelemetry;
  /** Handles an event once. Never throws. */
  attempt(content: SerializedEvent, terms?: AttemptOptions): Promise<Attempt>;
  /** Whether nothing may be begun any more. */
  isOver(): boolean;
  /** Whether too little time is left to begin more than what came. */
  timeIsShort(): boolean;
}

/** What is left of an invocation when handlers are told to stop: time to release what is not done. */
const DEADLINE_RESERVE_MS = 500;

/** The share of an invocation's time that is kept for what came with the batch. */
const SHORT_TIME_RATIO = 0.3;

export function createBatchContext(
  served: SubscriptionHandlers,
  options: ConsumerOptions,
  context: Context,
): BatchContext {
  const { logger, clock, queue, maxReceiveCount, timeoutSignal = AbortSignal.timeout } = options;
  const { subscription } = served;
  const givenMs = context.getRemainingTimeInMillis();
  const workMs = Math.max(givenMs - DEADLINE_RESERVE_MS, 0);
  const signal = timeoutSignal(workMs);
  noteDeadline(signal, addMs(clock.now(), workMs));
  const telemetry = createConsumerTelemetry(options);

  return {
    subscription,
    takes: takesOf(subscription.events),
    queue,
    clock,
    maxReceiveCount,
    visibilityTimeoutSeconds: options.visibilityTimeoutSeconds,
    redelivery: createRedelivery({ ...options, subscription, telemetry }),
    telemetry,
    attempt(content, { message, ...terms } = {}) {
      const log = logger.createChild();
      if (message !== undefined) {
        log.appendKeys({ message_id: message.messageId, receive_count: message.receiveCount });
      }
      return attemptEvent(content, served, options, { context, signal }, log, terms);
    },
    isOver: () => signal.aborted,
    timeIsShort: () => signal.aborted || context.getRemainingTimeInMillis() < givenMs * SHORT_TIME_RATIO,
  };
}

/** The messages of a batch that are processed one after another. */
export interface MessageGroup {
  readonly messages: readonly ReceivedMessage[];
  /** Whether one of them may crash the process; `unexplained`: it comes again, and nothing says why. */
  readonly crashSuspect: CrashSuspect | 'unexplained';
  /** @returns what goes back to the queue */
  process(): Promise<readonly ReceivedMessage[]>;
}

type Releasing = Pick<BatchContext, 'queue' | 'redelivery' | 'telemetry'>;

/**
 * Processes the groups of a batch concurrently. Groups that may crash the process run last, each alone, and what is done
 * with until then is deleted first: an event that crashes its process would else use up the receives of everything that
 * shares its batches, and take it along into the DLQ.
 * @returns what goes back to the queue
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

/** The likelier a group crashes the process, the later it runs. */
function phasesOf(groups: readonly MessageGroup[]): readonly (readonly MessageGroup[])[] {
  const of = (suspect: MessageGroup['crashSuspect']) => groups.filter(({ crashSuspect }) => crashSuspect === suspect);
  const oneByOne = (suspect: MessageGroup['crashSuspect']) => of(suspect).map((group) => [group]);
  // an outage makes many unexplained messages come again: one by one they would take too long
  return [of('none'), ...oneByOne('once'), of('unexplained'), ...oneByOne('repeated')].filter(
    (phase) => phase.length > 0,
  );
}

/**
 * Processes a group. If that fails for reasons of its own (a call to DynamoDB or SQS was refused), the group releases all
 * its messages, and costs no other group a receive. What it had done comes again as a duplicate.
 */
async function processOrRelease(
  { messages, process }: MessageGroup,
  { redelivery, telemetry }: Releasing,
): Promise<readonly ReceivedMessage[]> {
  try {
    return await process();
  } catch (error) {
    telemetry.settlingFailed(error, messages);
  }
  try {
    return await redelivery.release(messages);
  } catch (error) {
    telemetry.settlingFailed(error, messages);
    return messages;
  }
}

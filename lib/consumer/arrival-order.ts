import type { CloudEvent } from '../definitions/index.ts';
import type { BatchContext, MessageGroup } from './batch.ts';
import { describeFailure } from './error-policy.ts';
import { EventIdMismatchError } from './errors.ts';
import type { ReceivedMessage } from './message.ts';
import type { LogEntry } from './ports.ts';

/** Usually enough for the other execution to finish; otherwise the next receive decides again. */
export const CONTENDED_SECONDS = 1;

type ArrivalContext = Pick<
  BatchContext,
  'attempt' | 'clock' | 'isTimeUp' | 'redelivery' | 'subscription' | 'telemetry'
>;

/** Messages handled in the order in which the queue delivered them. */
export const arrivalGroup = (
  messages: readonly ReceivedMessage[],
  crashSuspect: MessageGroup['crashSuspect'],
  batch: ArrivalContext,
): MessageGroup => ({ messages, crashSuspect, process: () => processInArrivalOrder(messages, batch) });

/** @returns the messages that return to the queue: the first one that is not finished, and all after it */
async function processInArrivalOrder(
  messages: readonly ReceivedMessage[],
  batch: ArrivalContext,
): Promise<readonly ReceivedMessage[]> {
  const { redelivery } = batch;
  for (const [index, message] of messages.entries()) {
    if (batch.isTimeUp()) return redelivery.release(messages.slice(index));
    if ((await processAlone(message, batch)) === 'delete') continue;
    const untried = await redelivery.release(messages.slice(index + 1));
    // they were sent after the failed message, which is hidden: the queue keeps them back until it is visible again
    await redelivery.showAgain(untried);
    return [message, ...untried];
  }
  return [];
}

/**
 * Handles a message's event on its own, regardless of other events of its group.
 * @param generation of the group's cursor, if there is one
 */
async function processAlone(
  message: ReceivedMessage,
  batch: ArrivalContext,
  { generation = 0, onHandled }: { readonly generation?: number; readonly onHandled?: () => void } = {},
): Promise<'delete' | 'return'> {
  const { redelivery } = batch;
  const postpone = async (seconds: number): Promise<'delete' | 'return'> => {
    await redelivery.postponeUntried(message, seconds);
    return (await redelivery.release([message])).length === 0 ? 'delete' : 'return';
  };
  if (await redelivery.isGivenUp(message)) {
    await redelivery.postpone(message, 0);
    return 'return';
  }
  const result = await batch.attempt(message.content, { message, generation });
  const isDone = result.kind === 'handled' || result.kind === 'duplicate';
  if (isDone && message.receiveCount > 1 && message.event !== undefined) await redelivery.noteHandled(message.event);
  switch (result.kind) {
    case 'handled':
      onHandled?.();
      return 'delete';
    case 'duplicate':
      return 'delete';
    case 'overtaken':
      return postpone(CONTENDED_SECONDS);
    case 'busy':
      return postpone(Math.max(Math.ceil((result.until - batch.clock.now()) / 1000), 0) + 1);
    case 'failed':
      return (await redelivery.afterFailure(message, result.failure)) === 'renewed' ? 'delete' : 'return';
  }
}

/** Why a message of a strict consumer is processed out of order. */
export type OutOfOrder =
  /** The cursor passed its event without handling it; `processed` is the cursor's position. */
  | { readonly kind: 'passed'; readonly generation: number; readonly processed: number }
  /** This code does not handle its type, and the group does not wait for it. */
  | { readonly kind: 'unknown' }
  /** The log has another event at its sequence. */
  | { readonly kind: 'misplaced'; readonly logged: LogEntry };

/**
 * Processes a message of a strict consumer out of the order of its group. The cursor does not move, and a failure does
 * not block the group. The inbox prevents a second handling.
 */
export async function processOutOfOrder(
  message: ReceivedMessage & { readonly event: CloudEvent },
  why: OutOfOrder,
  batch: ArrivalContext,
): Promise<'delete' | 'return'> {
  switch (why.kind) {
    case 'unknown':
      return processAlone(message, batch);
    case 'passed': {
      const onHandled = () => batch.telemetry.handledLate(message.event, why.processed);
      return processAlone(message, batch, { generation: why.generation, onHandled });
    }
    case 'misplaced': {
      const logged = why.logged.kind === 'event' ? why.logged : undefined;
      const failure = describeFailure(new EventIdMismatchError(message.event, logged), batch.subscription);
      // neither a deployment nor a new message can fix this
      await batch.redelivery.afterFailure(message, failure);
      return 'return';
    }
  }
}

import type { CloudEvent } from '../definitions/index.ts';
import type { BatchContext, MessageGroup } from './batch.ts';
import { describeFailure } from './error-policy.ts';
import { EventIdMismatchError } from './errors.ts';
import type { ReceivedMessage } from './message.ts';
import type { LogEntry } from './ports.ts';

/** The execution that was first is then done, or the next receive finds out. */
export const CONTENDED_SECONDS = 1;

type ArrivalContext = Pick<BatchContext, 'attempt' | 'clock' | 'isOver' | 'redelivery' | 'subscription' | 'telemetry'>;

/** Messages that are handled in the order in which the queue gave them. */
export const arrivalGroup = (
  messages: readonly ReceivedMessage[],
  crashSuspect: MessageGroup['crashSuspect'],
  batch: ArrivalContext,
): MessageGroup => ({ messages, crashSuspect, process: () => processInArrivalOrder(messages, batch) });

/** @returns what goes back to the queue: after a message that is not done with, all that follow it */
async function processInArrivalOrder(
  messages: readonly ReceivedMessage[],
  batch: ArrivalContext,
): Promise<readonly ReceivedMessage[]> {
  const { redelivery } = batch;
  for (const [index, message] of messages.entries()) {
    if (batch.isOver()) return redelivery.release(messages.slice(index));
    if ((await processAlone(message, batch)) === 'delete') continue;
    const untried = await redelivery.release(messages.slice(index + 1));
    // sent after the one that failed, which is hidden or in flight: the queue keeps them until it is shown again
    await redelivery.showAgain(untried);
    return [message, ...untried];
  }
  return [];
}

/**
 * Handles a message's event for itself, whatever stands before and behind it.
 * @param generation of the group's cursor, where there is one
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
  const result = await batch.attempt(message.content, { message, generation });
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

/** Why a message of a strict consumer has no place in the order of its group. */
export type OutOfOrder =
  /** The cursor went past its event, which had no effect; `processed` is where the cursor stands. */
  | { readonly kind: 'late'; readonly generation: number; readonly processed: number }
  /** This code does not take its type, and the group does not wait for it. */
  | { readonly kind: 'unknown' }
  /** The log has another event at its place. */
  | { readonly kind: 'misplaced'; readonly logged: LogEntry };

/**
 * Processes a message of a strict consumer outside the order of its group: the cursor stays where it is, and a failure
 * does not block the group. The inbox keeps what is handled late from happening twice.
 */
export async function processOutOfOrder(
  message: ReceivedMessage & { readonly event: CloudEvent },
  why: OutOfOrder,
  batch: ArrivalContext,
): Promise<'delete' | 'return'> {
  switch (why.kind) {
    case 'unknown':
      return processAlone(message, batch);
    case 'late': {
      const onHandled = () => batch.telemetry.handledLate(message.event, why.processed);
      return processAlone(message, batch, { generation: why.generation, onHandled });
    }
    case 'misplaced': {
      const logged = why.logged.kind === 'event' ? why.logged : undefined;
      const failure = describeFailure(new EventIdMismatchError(message.event, logged), batch.subscription);
      // no deployment, and no new message, mends that
      await batch.redelivery.afterFailure(message, failure);
      return 'return';
    }
  }
}

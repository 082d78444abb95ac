import { giveBackUntried } from './give-back-untried.ts';
import type { ReceivedMessage } from './received-message.ts';
import type { Workbench } from './workbench.ts';

/** Whoever was first is then done, or the next receive finds out. */
const CONTENDED_SECONDS = 1;

/**
 * Handles messages one after another as the queue gave them; after one that is not done with, the rest goes back.
 * @returns what goes back to the queue
 */
export async function settleAsTheyCome(
  messages: readonly ReceivedMessage[],
  bench: Workbench,
): Promise<readonly ReceivedMessage[]> {
  for (const [index, message] of messages.entries()) {
    if (bench.isOver()) return giveBackUntried(messages.slice(index), bench);
    if (await settleOne(message, bench)) continue;
    const untried = await giveBackUntried(messages.slice(index + 1), bench);
    // sent after the one that failed, which is hidden or in flight: the queue keeps them until it is shown again
    await Promise.all(untried.map(({ receiptHandle }) => bench.bell.hide(receiptHandle, 0)));
    return [message, ...untried];
  }
  return [];
}

interface SettleOptions {
  /** Of the group's cursor, where there is one. @default 0 */
  readonly generation?: number;
  /** Hears that the event had its effect now. */
  readonly onHandled?: () => void;
}

/**
 * Handles a message's event for itself, whatever stands before and behind it.
 * @returns whether the message is done with
 */
export async function settleOne(
  message: ReceivedMessage,
  bench: Workbench,
  { generation = 0, onHandled }: SettleOptions = {},
): Promise<boolean> {
  const { bell, failures, attempt, secondsUntil } = bench;
  const hidden = async (seconds: number): Promise<boolean> => {
    // on its last receive it is about to get a new one in its place: SQS would move it, were it visible before that
    const isLast = message.receiveCount >= bench.limits.maxReceiveCount;
    const atLeastSeconds = isLast ? bench.visibilityTimeoutSeconds : 0;
    await bell.hide(message.receiptHandle, Math.max(seconds, atLeastSeconds));
    return (await giveBackUntried([message], bench)).length === 0;
  };
  const result = await attempt(message.body, { message, generation });
  switch (result.kind) {
    case 'handled':
      onHandled?.();
      return true;
    case 'duplicate':
      return true;
    case 'overtaken':
      return hidden(CONTENDED_SECONDS);
    case 'busy':
      return hidden(secondsUntil(result.until));
    case 'failed':
      return (await failures.giveBack(message, result.failure)) === 'renewed';
  }
}

import type { Clock } from '../../lib/shared/time.ts';
import { createDeduplicationWindow } from './deduplication-window.ts';
import { invalidValue } from './errors.ts';
import type { QueueCore } from './queue-core.ts';
import type { QueuedMessage } from './queued-message.ts';

/**
 * Lets a consumer of a FIFO queue repeat a receive whose answer it lost, by its `ReceiveRequestAttemptId`.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
export interface ReceiveAttempts {
  remember(attemptId: string, messages: readonly QueuedMessage[]): void;
  /**
   * The messages of that attempt, hidden for `visibilityMs` anew; undefined when the attempt is unknown or older than
   * five minutes, found nothing, or its messages became visible again.
   * @throws AwsError `InvalidParameterValue` once a message of the attempt was deleted or its visibility changed.
   */
  repeat(attemptId: string, visibilityMs: number): readonly QueuedMessage[] | undefined;
}

interface Received {
  readonly message: QueuedMessage;
  readonly receive: number;
  readonly until: number | undefined;
}

const untilOf = ({ state }: QueuedMessage) => (state.kind === 'inFlight' ? state.until : undefined);

export function createReceiveAttempts(clock: Clock, core: QueueCore): ReceiveAttempts {
  const attempts = createDeduplicationWindow<readonly Received[]>(clock);

  const remember = (attemptId: string, messages: readonly QueuedMessage[]) =>
    attempts.remember(
      attemptId,
      messages.map((message) => ({ message, receive: message.receiveCount, until: untilOf(message) })),
    );

  return {
    remember,
    repeat(attemptId, visibilityMs) {
      const attempt = attempts.find(attemptId);
      if (attempt === undefined) return undefined;
      const isGone = ({ message }: Received) => core.find(message.messageId) !== message;
      const isHeld = ({ message, receive }: Received) =>
        message.state.kind === 'inFlight' && message.receiveCount === receive;
      const isChanged = ({ message, until }: Received) => untilOf(message) !== until;
      if (attempt.some((each) => isGone(each) || (isHeld(each) && isChanged(each)))) {
        throw invalidValue(
          attemptId,
          'ReceiveRequestAttemptId',
          'The receiveRequestAttemptId is not valid anymore since the receive call is not retryable.',
        );
      }
      if (!attempt.every(isHeld)) {
        attempts.forget(attemptId);
        return undefined;
      }
      const messages = attempt.map(({ message }) => message);
      for (const message of messages) core.changeVisibility(message, visibilityMs);
      remember(attemptId, messages);
      return messages;
    },
  };
}

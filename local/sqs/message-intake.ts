import { hash } from 'node:crypto';
import type { EngineClock } from '../clock.ts';
import { createDeduplicationWindow } from './deduplication-window.ts';
import type { SqsFaults } from './faults.ts';
import type { QueueSettings } from './queue-attributes.ts';
import type { QueueCore } from './queue-core.ts';
import { type MessageContent, newMessage, type QueuedMessage } from './queued-message.ts';

export interface Outgoing {
  readonly content: MessageContent;
  /** Standard queues only. @default the queue's own delay */
  readonly delayMs: number | undefined;
  readonly deduplicationId: string | undefined;
}

export interface Sent {
  readonly messageId: string;
  readonly sequenceNumber: string | undefined;
}

/** How messages come into one queue: from senders, from a source queue that gave them up, and by a redrive. */
export interface MessageIntake {
  /** A duplicate is answered as the message that it repeats. */
  send(outgoing: readonly Outgoing[]): readonly Sent[];
  acceptDeadLetter(message: QueuedMessage, sourceArn: string): void;
  /** Takes in a message from a dead-letter queue as a new one. */
  acceptMoved(message: QueuedMessage): void;
  /** From now on nothing repeats what was sent before. */
  forgetDuplicates(): void;
}

export interface MessageIntakeOptions {
  readonly clock: EngineClock;
  readonly core: Pick<QueueCore, 'add'>;
  readonly queueName: string;
  readonly isFifo: boolean;
  readonly settings: () => QueueSettings;
  readonly newId: () => string;
  /** Rises with every message of the run. */
  readonly nextOrder: () => number;
  readonly faults: SqsFaults;
}

type Entering = Pick<QueuedMessage, 'messageId' | 'deduplicationId'> & Partial<QueuedMessage>;

/** AWS's numbers have 20 digits and leave holes. */
const FIRST_SEQUENCE_NUMBER = 18_850_000_000_000_000_000n;
const SEQUENCE_STEP = 256n;
const sequenceNumberOf = (order: number) => String(FIRST_SEQUENCE_NUMBER + BigInt(order) * SEQUENCE_STEP);

export function createMessageIntake(options: MessageIntakeOptions): MessageIntake {
  const { clock, core, queueName, isFifo, settings, newId, nextOrder, faults } = options;
  const duplicates = createDeduplicationWindow<Sent>(clock);

  const enter = (content: MessageContent, own: Entering): Sent => {
    const order = nextOrder();
    const sequenceNumber = isFifo ? sequenceNumberOf(order) : undefined;
    core.add(newMessage(content, { order, sequenceNumber, sentAt: clock.now(), ...own }));
    return { messageId: own.messageId, sequenceNumber };
  };

  const sendOne = ({ content, delayMs = settings().delayMs, deduplicationId }: Outgoing): Sent => {
    if (!isFifo) {
      const heldBackMs = faults.onSend?.(queueName) ?? 0;
      return enter(content, { messageId: newId(), deduplicationId, delayMs: delayMs + heldBackMs });
    }
    const token = deduplicationId ?? hash('sha256', content.body);
    // neither id can hold a space
    const key = settings().deduplicationPerGroup ? `${content.groupId} ${token}` : token;
    const earlier = duplicates.find(key);
    if (earlier !== undefined) return earlier;
    const sent = enter(content, { messageId: newId(), deduplicationId: token, delayMs });
    duplicates.remember(key, sent);
    return sent;
  };

  return {
    send: (outgoing) => outgoing.map(sendOne),
    acceptDeadLetter(message, sourceArn) {
      const { messageId, receiveCount, firstReceivedAt } = message;
      enter(message, {
        messageId,
        deduplicationId: isFifo ? messageId : message.deduplicationId,
        // a standard queue's dead letter ages on; a FIFO queue's starts anew
        sentAt: isFifo ? clock.now() : message.sentAt,
        deadLetterSourceArn: sourceArn,
        earlierReceives: receiveCount,
        receiveCount,
        firstReceivedAt,
      });
    },
    acceptMoved(message) {
      // a fresh id, so that the sender's own, still in the window, does not swallow the message
      const deduplicationId = isFifo ? newId() : undefined;
      enter(message, { messageId: newId(), deduplicationId, delayMs: settings().delayMs });
    },
    forgetDuplicates: () => duplicates.forgetAll(),
  };
}

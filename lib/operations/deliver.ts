import type { ConsumerQueue } from '../consumer/index.ts';
import { type CloudEvent, GROUP_PATTERN, isWaybillError, type Takes } from '../definitions/index.ts';
import { parseEvent } from '../event/index.ts';
import type { UndeliverableMessage, UndeliverableQueue } from './ports.ts';
import { walkQueue } from './walk-queue.ts';

export interface DeliverDeps {
  /** The queue of events that the bus could not deliver. */
  readonly undeliverable: UndeliverableQueue;
  /** The consumer's own queue. */
  readonly queue: Pick<ConsumerQueue, 'resend'>;
  readonly takes: Takes;
}

/** The outcome of one message of the undeliverable queue. */
export type Delivered =
  | {
      /** It was moved to the consumer's queue. */
      readonly kind: 'sent';
      readonly event: CloudEvent;
      /** Why the bus could not deliver it. */
      readonly errorCode: string;
    }
  | {
      /** It stays in the undeliverable queue. */
      readonly kind: 'left';
      readonly messageId: string;
      readonly reason: string;
      readonly errorCode: string;
    };

/**
 * Sends events that the bus could not deliver to the consumer's queue, then deletes them. If it is interrupted in
 * between, an event is sent twice and the inbox discards the duplicate. Messages that stay become visible again at the
 * end.
 */
export async function* deliver({ undeliverable, queue, takes }: DeliverDeps): AsyncGenerator<Delivered> {
  for await (const { messages, drop } of walkQueue(undeliverable)) {
    for (const message of messages) {
      const { messageId, errorCode } = message;
      const read = readEvent(message, takes);
      if (typeof read === 'string') {
        yield { kind: 'left', messageId, reason: read, errorCode };
        continue;
      }
      await queue.resend(read.event.partitionkey, read.body);
      await drop(message);
      yield { kind: 'sent', event: read.event, errorCode };
    }
  }
}

interface ReadEvent {
  readonly event: CloudEvent;
  readonly body: string;
}

/** AWS does not document whether the message has the bus's envelope or only its detail. */
function detailOf(kept: unknown): unknown {
  if (typeof kept !== 'object' || kept === null || 'specversion' in kept) return kept;
  return 'detail' in kept ? kept.detail : null;
}

/** The event of a message, or the reason why it cannot be delivered to the consumer. */
function readEvent({ body }: UndeliverableMessage, takes: Takes): ReadEvent | string {
  try {
    const detail = JSON.stringify(detailOf(JSON.parse(body)));
    const event = parseEvent(detail);
    if (!takes(event)) return `the consumer does not subscribe to '${event.type}'`;
    if (!GROUP_PATTERN.test(event.partitionkey)) {
      return `'${event.partitionkey}' is not a valid group: the outbox did not publish it`;
    }
    return { event, body: detail };
  } catch (error) {
    if (isWaybillError(error)) return error.message;
    if (error instanceof SyntaxError) return 'it is not valid JSON';
    throw error;
  }
}

import { type CloudEvent, isWaybillError, type Takes } from '../contracts/index.ts';
import { parseEvent } from '../event/index.ts';
import type { Bell } from '../ordering/index.ts';
import type { UndeliverableMessage, UndeliverableQueue } from './ports.ts';

export interface DeliverDeps {
  /** Where the bus has put what it could not deliver. */
  readonly undeliverable: UndeliverableQueue;
  /** The consumer's own queue. */
  readonly bell: Pick<Bell, 'ring'>;
  readonly takes: Takes;
}

/** What became of one message of the undeliverable queue. */
export type Delivered =
  | {
      /** It is in the consumer's queue, and in the undeliverable queue no more. */
      readonly kind: 'sent';
      readonly event: CloudEvent;
      /** Why the bus could not deliver it. */
      readonly errorCode: string;
    }
  | {
      /** It stays: whoever looks at it decides. */
      readonly kind: 'left';
      readonly messageId: string;
      readonly reason: string;
      readonly errorCode: string;
    };

/**
 * Sends what the bus could not deliver to the consumer's queue, as the rule would have, and deletes it behind that. Cut
 * off in between, an event is sent once more: its inbox knows it.
 */
export async function* deliver({ undeliverable, bell, takes }: DeliverDeps): AsyncGenerator<Delivered> {
  for (;;) {
    const messages = await undeliverable.receive();
    if (messages.length === 0) return;
    for (const message of messages) {
      const { messageId, errorCode, receiptHandle } = message;
      const read = readEvent(message);
      if (typeof read === 'string' || !takes(read.event)) {
        const reason = typeof read === 'string' ? read : `the consumer does not take '${read.event.type}'`;
        yield { kind: 'left', messageId, reason, errorCode };
        continue;
      }
      await bell.ring(read.event.partitionkey, read.body);
      await undeliverable.delete(receiptHandle);
      yield { kind: 'sent', event: read.event, errorCode };
    }
  }
}

/** The event within the bus's envelope, or why there is none. */
function readEvent({ body }: UndeliverableMessage): { readonly event: CloudEvent; readonly body: string } | string {
  try {
    const envelope: unknown = JSON.parse(body);
    const isEnvelope = typeof envelope === 'object' && envelope !== null && 'detail' in envelope;
    const detail = JSON.stringify(isEnvelope ? envelope.detail : null);
    return { event: parseEvent(detail), body: detail };
  } catch (error) {
    if (isWaybillError(error)) return error.message;
    if (error instanceof SyntaxError) return 'it is no JSON';
    throw error;
  }
}

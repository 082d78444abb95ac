import type { UndeliverableMessage, UndeliverableQueue } from './ports.ts';

interface ReceivedBatch {
  readonly messages: readonly UndeliverableMessage[];
  /** Deletes one of them. */
  drop(message: UndeliverableMessage): Promise<void>;
}

/**
 * Receives each message of a queue once, batch by batch. Those that are not dropped become visible again at the end.
 */
export async function* walkQueue(queue: UndeliverableQueue): AsyncGenerator<ReceivedBatch> {
  const receipts = new Map<string, string>();
  let knownInARow = 0;
  const drop = async ({ messageId, receiptHandle }: UndeliverableMessage): Promise<void> => {
    await queue.delete(receiptHandle);
    receipts.delete(messageId);
  };
  try {
    for (;;) {
      const messages = await queue.receive();
      if (messages.length === 0) return;
      const others = messages.filter(({ messageId }) => !receipts.has(messageId));
      for (const { messageId, receiptHandle } of messages) receipts.set(messageId, receiptHandle);
      knownInARow = others.length === 0 ? knownInARow + messages.length : 0;
      // only messages that stay are received again, so the others are done
      if (knownInARow > receipts.size) return;
      if (others.length > 0) yield { messages: others, drop };
    }
  } finally {
    await queue.show([...receipts.values()]);
  }
}

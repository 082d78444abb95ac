import { describe, expect, it } from 'vitest';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createFifoOrder } from '../../../local/sqs/fifo-order.ts';
import { createQueueCore } from '../../../local/sqs/queue-core.ts';
import { newMessage, type QueuedMessage } from '../../../local/sqs/queued-message.ts';

describe('queue core', () => {
  it('has no more than 120,000 messages in flight, and continues when one is deleted', () => {
    const clock = { now: () => 0 as EpochMs, schedule: () => () => {} };
    const core = createQueueCore({
      clock,
      order: createFifoOrder<QueuedMessage>(),
      retentionMs: () => 60_000,
      mostInFlight: 120_000,
    });
    for (let order = 1; order <= 120_002; order += 1) {
      const content = { body: '', bodyMd5: '', attributes: {}, senderId: '', traceHeader: undefined };
      const own = { messageId: `m${order}`, deduplicationId: undefined, sequenceNumber: undefined };
      core.add(newMessage({ ...content, groupId: `g${order}` }, { ...own, order, sentAt: clock.now() }));
    }
    const receive = () => core.receive(200_000, 30_000, () => false).messages;

    const first = receive();
    const second = receive();
    for (const message of first.slice(0, 1)) core.remove(message);
    const third = receive();

    expect([first.length, second.length]).toEqual([120_000, 0]);
    expect(third.map(({ messageId }) => messageId)).toEqual(['m120001']);
  });
});

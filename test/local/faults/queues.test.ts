import { describe, expect, it } from 'vitest';
import { createMovableClock } from '../../../local/clock.ts';
import type { JsonObject } from '../../../local/endpoint/service.ts';
import { createFaultInjector } from '../../../local/faults/fault-injector.ts';
import type { FaultRule } from '../../../local/faults/fault-plan.ts';

function open(rule: FaultRule) {
  const injector = createFaultInjector(
    { seed: 3, rules: [rule] },
    createMovableClock(() => 1_000),
  );
  injector.arm({
    queues: [
      {
        queueName: 'billing.fifo',
        maxReceiveCount: 5,
      } as Parameters<typeof injector.arm>[0]['queues'][number],
    ],
  });
  return injector;
}

const received = (receiveCount: number, queueName = 'billing.fifo') => ({
  queueName,
  isFifo: queueName.endsWith('.fifo'),
  messageId: `m of ${queueName}`,
  receiveCount,
});

describe('the early end of a visibility timeout', () => {
  it('hits a message twice at most, and not on its last two receives', () => {
    const { sqs } = open({ kind: 'early-visibility', oneIn: 1, longestMs: 1 });

    expect(sqs.onReceive?.(received(4))).toBeUndefined();
    expect([1, 2, 3].map((count) => sqs.onReceive?.(received(count)))).toStrictEqual([
      { visibleAfterMs: 1 },
      { visibleAfterMs: 1 },
      undefined,
    ]);
  });
});

describe('a repeated message', () => {
  it('occurs only in a standard queue', () => {
    const { sqs, injected } = open({ kind: 'repeated-message', oneIn: 1, longestMs: 1 });

    expect(sqs.onReceive?.(received(1))).toBeUndefined();
    expect(sqs.onReceive?.(received(1, 'undeliverable'))).toStrictEqual({ againAfterMs: 1 });
    expect(injected()).toStrictEqual([{ kind: 'repeated-message', what: 'undeliverable', at: 1_000, count: 1 }]);
  });
});

describe('messages that are held back, and counts that lag', () => {
  it('are drawn up to the longest time', () => {
    expect(open({ kind: 'held-back-message', oneIn: 1, longestMs: 1 }).sqs.onSend?.('undeliverable')).toBe(1);
    expect(open({ kind: 'lagging-counts', oneIn: 1, longestMs: 1 }).sqs.onCounts?.('billing.fifo')).toBe(1);
  });
});

describe('a repeated receive', () => {
  it('receives twice with one attempt id, and returns the second answer', async () => {
    const { intercept, injected } = open({ kind: 'repeated-receive', oneIn: 1 });
    const asked: (JsonObject | undefined)[] = [];
    const input = { QueueUrl: 'http://127.0.0.1/123456789012/billing.fifo' };

    const output = await intercept(
      { service: 'AmazonSQS', operation: 'ReceiveMessage', input, caller: { kind: 'role', roleArn: 'billing' } },
      async (given) => {
        asked.push(given);
        return { Messages: [{ MessageId: 'm', ReceiptHandle: `handle ${asked.length}` }] };
      },
    );

    expect(output).toStrictEqual({ Messages: [{ MessageId: 'm', ReceiptHandle: 'handle 2' }] });
    expect(asked).toStrictEqual([
      { ...input, ReceiveRequestAttemptId: 'attempt-1' },
      { ...input, ReceiveRequestAttemptId: 'attempt-1' },
    ]);
    expect(injected()).toMatchObject([{ kind: 'repeated-receive', count: 1 }]);
  });
});

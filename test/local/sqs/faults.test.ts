import { describe, expect, it } from 'vitest';
import { openSqs } from './sqs-under-test.ts';

/** Takes the first message that is received. */
const once = <Fault>(fault: Fault) => {
  const left = [fault];
  return () => left.pop();
};

describe('a message with a visibility timeout that ends during processing', () => {
  it('is received again, and the FIFO queue refuses the handle of the first receive', async () => {
    const queue = await openSqs('orders.fifo', { faults: { onReceive: once({ visibleAfterMs: 100 }) } });
    await queue.send('a', 'g');

    const [first] = await queue.receive();
    queue.clock.advance(100);
    const [second] = await queue.receive();

    expect(second?.Attributes.ApproximateReceiveCount).toBe('2');
    if (first === undefined || second === undefined) throw new Error('nothing was received');
    await expect(queue.remove(first)).rejects.toMatchObject({
      message: expect.stringContaining('The receipt handle has expired'),
    });
    await queue.remove(second);
    expect(await queue.counts()).toStrictEqual([0, 0]);
  });

  it('wakes a long poll', async () => {
    const queue = await openSqs('orders.fifo', { faults: { onReceive: once({ visibleAfterMs: 100 }) } });
    await queue.send('a', 'g');
    await queue.receive();

    const waiting = queue.bodies({ WaitTimeSeconds: 20 });
    queue.clock.advance(100);

    expect(await waiting).toStrictEqual(['a#2']);
  });
});

describe('a standard queue', () => {
  it('delivers a message again although it was deleted', async () => {
    const queue = await openSqs('orders', { faults: { onReceive: once({ againAfterMs: 1_000 }) } });
    await queue.send('a');
    const [first] = await queue.receive();
    if (first !== undefined) await queue.remove(first);

    const waiting = queue.receive({ WaitTimeSeconds: 20 });
    queue.clock.advance(1_000);
    const [again] = await waiting;

    expect(again).toMatchObject({ MessageId: first?.MessageId, Attributes: { ApproximateReceiveCount: '2' } });
  });

  it('delivers a message twice at a time', async () => {
    const queue = await openSqs('orders', { faults: { onReceive: once({ againAfterMs: 1_000 }) } });
    await queue.send('a');

    await queue.receive();
    queue.clock.advance(1_000);

    expect(await queue.bodies()).toStrictEqual(['a#2']);
  });

  it('delivers other messages before one that is held back', async () => {
    const queue = await openSqs('orders', { faults: { onSend: once(500) } });
    await queue.send('first');
    await queue.send('second');

    const before = await queue.bodies();
    queue.clock.advance(500);

    expect(before).toStrictEqual(['second#1']);
    expect(await queue.bodies()).toStrictEqual(['first#1']);
  });
});

describe('the counts of a queue', () => {
  it('lag behind, while the engine knows the current ones', async () => {
    const queue = await openSqs('orders', { faults: { onCounts: () => 10_000 } });
    await queue.send('a');
    queue.clock.advance(15_000);
    await queue.send('b');
    queue.clock.advance(5_000);

    expect(await queue.counts()).toStrictEqual([1, 0]);
    expect(queue.sqs.depths()).toMatchObject([{ visible: 2 }]);
  });
});

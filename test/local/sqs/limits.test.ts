import { describe, expect, it } from 'vitest';
import { openSqs } from './sqs-under-test.ts';

describe('the messages in flight', () => {
  it('of a FIFO queue end at the limit: a receive finds nothing more, without an error', async () => {
    const queue = await openSqs('orders.fifo', { limits: { inFlight: 2 } });
    for (const group of ['a', 'b', 'c']) await queue.send(group, group);

    const first = await queue.receive();
    const whileFull = await queue.bodies();
    for (const message of first) await queue.remove(message);

    expect(first.map(({ Body }) => Body)).toStrictEqual(['a', 'b']);
    expect(whileFull).toStrictEqual([]);
    expect(await queue.bodies()).toStrictEqual(['c#1']);
  });

  it('of a standard queue end at the limit: OverLimit without a long poll, nothing with one', async () => {
    const queue = await openSqs('orders', { limits: { inFlight: 1 } });
    await queue.send('a');
    await queue.send('b');
    await queue.receive();

    const short = queue.receive();
    const long = queue.bodies({ WaitTimeSeconds: 5 });

    await expect(short).rejects.toMatchObject({ code: 'OverLimit' });
    queue.clock.advance(5_000);
    expect(await long).toStrictEqual([]);
  });
});

describe('a FIFO queue', () => {
  it('looks for free groups among its first messages only, including those in flight', async () => {
    const queue = await openSqs('orders.fifo', { limits: { lookAhead: 3 } });
    for (const body of ['a1', 'a2', 'a3', 'b1']) await queue.send(body, body.slice(0, 1));

    const [first] = await queue.receive({ MaxNumberOfMessages: 1 });
    const blocked = await queue.bodies();
    if (first !== undefined) await queue.remove(first);
    const next = await queue.bodies();

    expect(first?.Body).toBe('a1');
    expect(blocked).toStrictEqual([]);
    expect(next).toStrictEqual(['a2#1', 'a3#1', 'b1#1']);
  });

  it('keeps the place of a message that becomes visible again', async () => {
    const queue = await openSqs('orders.fifo', { limits: { lookAhead: 2 } });
    for (const body of ['a1', 'a2', 'b1']) await queue.send(body, body.slice(0, 1));

    await queue.receive({ MaxNumberOfMessages: 2 });
    queue.clock.advance(60_000);

    expect(await queue.bodies()).toStrictEqual(['a1#2', 'a2#2']);
  });

  it('throttles an action beyond its calls per second, and counts a batch as one call', async () => {
    const queue = await openSqs('orders.fifo', { limits: { callsPerSecond: 2 } });
    const batch = (name: string) =>
      queue.call('SendMessageBatch', {
        Entries: [1, 2, 3].map((n) => ({ Id: String(n), MessageBody: `${name}${n}`, MessageGroupId: `${name}${n}` })),
      });

    await batch('a');
    await queue.send('b', 'b');
    const third = queue.send('c', 'c');

    await expect(third).rejects.toMatchObject({ code: 'ThrottlingException' });
    expect(await queue.bodies()).toStrictEqual(['a1#1', 'a2#1', 'a3#1', 'b#1']);
    queue.clock.advance(1_000);
    await queue.send('c', 'c');
    expect(await queue.bodies()).toStrictEqual(['c#1']);
  });

  it('with high throughput throttles a message group, and no other', async () => {
    const queue = await openSqs(
      'orders.fifo',
      { limits: { callsPerSecond: 1 } },
      { DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' },
    );

    await queue.send('a1', 'a');
    const again = queue.send('a2', 'a');
    await queue.send('b1', 'b');

    await expect(again).rejects.toMatchObject({ code: 'ThrottlingException' });
    expect(await queue.bodies()).toStrictEqual(['a1#1', 'b1#1']);
  });

  it('receives 10 of 120,001 messages as fast as 10 of a few, with AWS’s look-ahead by default', async () => {
    const queue = await openSqs('orders.fifo', { limits: { callsPerSecond: 1_000_000 } });
    for (let n = 0; n < 120_000; n++) await queue.send(String(n), 'a');
    await queue.send('behind', 'b');

    const first = await queue.receive();
    const blocked = await queue.bodies();
    const [removed] = first;
    if (removed !== undefined) await queue.remove(removed);

    expect(first.map(({ Body }) => Body)).toStrictEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(blocked).toStrictEqual([]);
    expect(await queue.bodies()).toStrictEqual(['behind#1']);
  });
});

describe('the retention of a queue', () => {
  it('deletes an expired message, also while it is in flight, and unblocks its group', async () => {
    const queue = await openSqs('orders.fifo', {}, { MessageRetentionPeriod: '120' });
    await queue.send('old', 'a');
    queue.clock.advance(90_000);
    await queue.receive();
    await queue.send('new', 'a');

    queue.clock.advance(30_000);

    expect(await queue.bodies()).toStrictEqual(['new#1']);
    expect(await queue.counts()).toStrictEqual([0, 1]);
  });
});

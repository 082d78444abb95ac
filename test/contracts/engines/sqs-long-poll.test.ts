import { DeleteMessageCommand, DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { bodies, openSqsBench } from './sqs-bench.ts';

describe('SQS long poll', () => {
  it('ends as soon as a message is sent', async () => {
    const bench = await openSqsBench();
    const QueueUrl = await bench.create('q.fifo');

    const polling = bench.receive(QueueUrl, { wait: 20 });
    await bench.send(QueueUrl, '1', 'g');

    expect(bodies(await polling)).toEqual(['1']);
  });

  it('ends empty after its wait time', async () => {
    const bench = await openSqsBench();
    const QueueUrl = await bench.create('q.fifo', { ReceiveMessageWaitTimeSeconds: '20' });
    const polling = bench.sqs.service.handle('ReceiveMessage', { QueueUrl }, { kind: 'user' });

    bench.clock.advance(20_000);

    expect(await polling).toEqual({});
  });

  it('ends when a delayed message becomes visible', async () => {
    const bench = await openSqsBench();
    const QueueUrl = await bench.create('q', { DelaySeconds: '5' });
    await bench.send(QueueUrl, '1');
    const polling = bench.sqs.service.handle('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 }, { kind: 'user' });

    bench.clock.advance(5_000);

    expect(await polling).toMatchObject({ Messages: [{ Body: '1' }] });
  });

  it('ends when a visibility timeout passes', async () => {
    const bench = await openSqsBench();
    const QueueUrl = await bench.create('q.fifo', { VisibilityTimeout: '10' });
    await bench.send(QueueUrl, '1', 'g');
    await bench.receive(QueueUrl);
    const polling = bench.sqs.service.handle('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 }, { kind: 'user' });

    bench.clock.advance(10_000);

    expect(await polling).toMatchObject({ Messages: [{ Body: '1' }] });
  });

  it('ends when deleting a message unlocks its group', async () => {
    const bench = await openSqsBench();
    const QueueUrl = await bench.create('q.fifo');
    for (const body of ['1', '2']) await bench.send(QueueUrl, body, 'g');
    const [first] = await bench.receive(QueueUrl, { max: 1 });
    const polling = bench.receive(QueueUrl, { wait: 20 });

    await bench.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));

    expect(bodies(await polling)).toEqual(['2']);
  });

  it('serves waiting consumers in the order in which they came', async () => {
    const bench = await openSqsBench();
    const QueueUrl = await bench.create('q.fifo');
    const poll = () => bench.sqs.service.handle('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 }, { kind: 'user' });
    const polls = [poll(), poll()];

    await bench.send(QueueUrl, '1', 'a');
    await bench.send(QueueUrl, '2', 'b');

    expect(await Promise.all(polls)).toMatchObject([{ Messages: [{ Body: '1' }] }, { Messages: [{ Body: '2' }] }]);
  });

  it('fails when its queue is deleted, and ends empty when the engine closes', async () => {
    const bench = await openSqsBench();
    const deleted = await bench.create('deleted');
    const kept = await bench.create('kept');
    const poll = (QueueUrl: string) =>
      bench.sqs.service.handle('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 }, { kind: 'user' });
    const failing = expect(poll(deleted)).rejects.toMatchObject({ code: 'QueueDoesNotExist' });
    const ending = poll(kept);

    await bench.client.send(new DeleteQueueCommand({ QueueUrl: deleted }));
    bench.sqs.close();

    await failing;
    expect(await ending).toEqual({});
    await expect(poll(kept)).rejects.toMatchObject({ code: 'ServiceUnavailable' });
  });
});

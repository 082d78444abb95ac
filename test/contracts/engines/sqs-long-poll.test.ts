import { DeleteMessageCommand, DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { bodies, openSqsRig } from './sqs-rig.ts';

describe('SQS long poll', () => {
  it('ends as soon as a message is sent', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');

    const polling = rig.receive(QueueUrl, { wait: 20 });
    await rig.send(QueueUrl, '1', 'g');

    expect(bodies(await polling)).toEqual(['1']);
  });

  it('ends empty after its wait time', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo', { ReceiveMessageWaitTimeSeconds: '20' });
    const polling = rig.engine.service.handle('ReceiveMessage', { QueueUrl }, { kind: 'user' });

    rig.clock.advance(20_000);

    expect(await polling).toEqual({});
  });

  it('ends when a delayed message becomes visible', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q', { DelaySeconds: '5' });
    await rig.send(QueueUrl, '1');
    const polling = rig.engine.service.handle('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 }, { kind: 'user' });

    rig.clock.advance(5_000);

    expect(await polling).toMatchObject({ Messages: [{ Body: '1' }] });
  });

  it('ends when a visibility timeout passes', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo', { VisibilityTimeout: '10' });
    await rig.send(QueueUrl, '1', 'g');
    await rig.receive(QueueUrl);
    const polling = rig.engine.service.handle('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 }, { kind: 'user' });

    rig.clock.advance(10_000);

    expect(await polling).toMatchObject({ Messages: [{ Body: '1' }] });
  });

  it('ends when deleting a message unlocks its group', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');
    for (const body of ['1', '2']) await rig.send(QueueUrl, body, 'g');
    const [first] = await rig.receive(QueueUrl, { max: 1 });
    const polling = rig.receive(QueueUrl, { wait: 20 });

    await rig.client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: first?.ReceiptHandle }));

    expect(bodies(await polling)).toEqual(['2']);
  });

  it('serves waiting consumers in the order in which they came', async () => {
    const rig = await openSqsRig();
    const QueueUrl = await rig.create('q.fifo');
    const poll = () => rig.engine.service.handle('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 }, { kind: 'user' });
    const polls = [poll(), poll()];

    await rig.send(QueueUrl, '1', 'a');
    await rig.send(QueueUrl, '2', 'b');

    expect(await Promise.all(polls)).toMatchObject([{ Messages: [{ Body: '1' }] }, { Messages: [{ Body: '2' }] }]);
  });

  it('fails when its queue is deleted, and ends empty when the engine closes', async () => {
    const rig = await openSqsRig();
    const deleted = await rig.create('deleted');
    const kept = await rig.create('kept');
    const poll = (QueueUrl: string) =>
      rig.engine.service.handle('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 }, { kind: 'user' });
    const failing = expect(poll(deleted)).rejects.toMatchObject({ code: 'QueueDoesNotExist' });
    const ending = poll(kept);

    await rig.client.send(new DeleteQueueCommand({ QueueUrl: deleted }));
    rig.engine.close();

    await failing;
    expect(await ending).toEqual({});
    await expect(poll(kept)).rejects.toMatchObject({ code: 'ServiceUnavailable' });
  });
});

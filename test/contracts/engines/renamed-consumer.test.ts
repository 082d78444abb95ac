import { StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { batchOf, createRig } from '../../lib/consumer/rig.ts';
import { openSqsRig } from './sqs-rig.ts';

const GROUP = 'account#7';

/** A consumer of one account, whose construct gets another name and with it other queues. */
async function createRenamed() {
  const sqs = await openSqsRig();
  const [oldQueue, oldDlq] = await sqs.createPair('old.fifo', 'old-dlq.fifo', 3, { VisibilityTimeout: '0' });
  const newQueue = await sqs.create('new.fifo');
  const amounts: number[] = [];
  let locked = true;
  const rig = createRig(
    ({ data }) => {
      if (locked && data.amount === 2) throw new Error('locked');
      amounts.push(data.amount);
    },
    { ordering: 'strict' },
  );
  for (let amount = 1; amount <= 4; amount++) {
    await rig.outbox.transact((tx) => tx.publish(Deposited, { accountId: '7', amount }));
  }
  const publish = async (queueUrl: string, ...sequences: number[]) => {
    for (const sequence of sequences) await sqs.send(queueUrl, rig.store.events[sequence - 1]?.body ?? '', GROUP);
  };
  /** Receives what is there as a Lambda mapping does; what is not given back is deleted by the queue's next owner. */
  const work = async (queueUrl: string) => {
    const messages = await sqs.receive(queueUrl);
    const records = messages.map(
      ({ MessageId = '', ReceiptHandle = '', Body = '', Attributes = {} }): SQSRecord => ({
        messageId: MessageId,
        receiptHandle: ReceiptHandle,
        body: Body,
        attributes: {
          ApproximateReceiveCount: Attributes.ApproximateReceiveCount ?? '1',
          SentTimestamp: '0',
          SenderId: '',
          ApproximateFirstReceiveTimestamp: '0',
          MessageGroupId: GROUP,
        },
        messageAttributes: {},
        md5OfBody: '',
        eventSource: 'aws:sqs',
        eventSourceARN: '',
        awsRegion: 'eu-central-1',
      }),
    );
    if (records.length > 0) await rig.handler(batchOf(...records), lambdaContext());
    return records.length;
  };
  return { sqs, rig, amounts, oldQueue, oldDlq, newQueue, publish, work, unlock: () => (locked = false) };
}

describe('a consumer with a renamed construct', () => {
  it('handles the dead letters of the old DLQ once and in order when they are redriven to the new queue', async () => {
    const { sqs, rig, amounts, oldQueue, oldDlq, newQueue, publish, work, unlock } = await createRenamed();
    await publish(oldQueue, 1, 2, 3);
    // three receives of all three, since nothing deletes them here; then SQS moves them to the old DLQ
    for (let receive = 1; receive <= 4; receive++) await work(oldQueue);
    expect(amounts).toStrictEqual([1]);
    expect(rig.store.items('cursors')).toMatchObject([{ processed: { N: '1' }, seen: { N: '3' } }]);

    unlock();
    await sqs.client.send(
      new StartMessageMoveTaskCommand({ SourceArn: sqs.arn('old-dlq.fifo'), DestinationArn: sqs.arn('new.fifo') }),
    );
    await sqs.pass(1);
    await publish(newQueue, 4);
    await work(newQueue);

    expect(amounts).toStrictEqual([1, 2, 3, 4]);
    expect(await sqs.receive(oldDlq)).toStrictEqual([]);
    expect(rig.store.items('cursors')).toMatchObject([{ processed: { N: '4' }, seen: { N: '4' } }]);
  });

  it('handles events left in the old queue by itself with the next event of the group', async () => {
    const { amounts, oldQueue, newQueue, publish, work, unlock } = await createRenamed();
    unlock();
    await publish(oldQueue, 1, 2);

    await publish(newQueue, 3);
    await work(newQueue);

    expect(amounts).toStrictEqual([1, 2, 3]);
  });
});

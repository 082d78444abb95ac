import { setTimeout } from 'node:timers/promises';
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import { inParallel } from '../../measure.ts';
import { type Connection, clientsOf } from '../connection.ts';

export interface SendPaced extends Connection {
  /** A table with the keys `pk` (S) and `sk` (N), or a FIFO queue. */
  readonly to: { readonly tableName: string } | { readonly queueUrl: string };
  readonly count: number;
  readonly concurrency: number;
  /** Between two sends of a lane; 0 is as fast as it goes. */
  readonly pauseMs: number;
  readonly run: number;
}

const BATCH = 10;

/** Sends items or messages that say when they were sent; messages by tens where nothing holds them up. */
export async function sendPaced(input: SendPaced): Promise<void> {
  const { to, count, concurrency, pauseMs, run } = input;
  const { dynamoDb, sqs } = clientsOf(input);
  const put = async (tableName: string, number: number) => {
    const Item = { pk: { S: `item-${run}-${number}` }, sk: { N: '1' }, sentAt: { N: String(Date.now()) } };
    await dynamoDb.send(new PutItemCommand({ TableName: tableName, Item }));
  };
  const perSend = 'queueUrl' in to && pauseMs === 0 ? BATCH : 1;
  const send = async (QueueUrl: string, batch: number) => {
    const Entries = Array.from({ length: perSend }, (_, index) => {
      const number = batch * perSend + index;
      return {
        Id: String(index),
        MessageBody: JSON.stringify({ sentAt: Date.now() }),
        MessageGroupId: `group-${number % 50}`,
        MessageDeduplicationId: `${run}-${number}`,
      };
    });
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  };
  await inParallel(count / perSend, concurrency, async (index) => {
    await ('tableName' in to ? put(to.tableName, index) : send(to.queueUrl, index));
    if (pauseMs > 0) await setTimeout(pauseMs);
  });
  dynamoDb.destroy();
  sqs.destroy();
}

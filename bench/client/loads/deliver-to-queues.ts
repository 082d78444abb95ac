import { setTimeout } from 'node:timers/promises';
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { inParallel, millisecondsOf } from '../../measure.ts';
import { type Connection, clientsOf } from '../connection.ts';

export interface DeliverToQueues extends Connection {
  readonly busName: string;
  /** Each takes every event. */
  readonly queueUrls: readonly string[];
  readonly events: number;
  readonly groups: number;
  readonly concurrency: number;
  readonly run: number;
}

const BATCH = 10;
const DATA_BYTES = 400;
const LOOK_EVERY_MS = 5;

/** Puts events by tens until every queue has all of them. @returns deliveries per second */
export async function deliverToQueues(input: DeliverToQueues): Promise<number> {
  const { busName: EventBusName, queueUrls, events, groups, concurrency, run } = input;
  const { eventBridge, sqs } = clientsOf(input);
  const data = 'x'.repeat(DATA_BYTES);

  const put = async (batch: number) => {
    const Entries = Array.from({ length: BATCH }, (_, index) => {
      const number = batch * BATCH + index;
      const Detail = JSON.stringify({ id: `${run}-${number}`, partitionkey: `group-${number % groups}`, data });
      return { EventBusName, Source: '/bench', DetailType: 'com.example.bench.happened', Detail };
    });
    const { FailedEntryCount } = await eventBridge.send(new PutEventsCommand({ Entries }));
    if (FailedEntryCount !== 0) throw new Error(`${FailedEntryCount} entries failed`);
  };
  const depthOf = async (QueueUrl: string) => {
    const AttributeNames = ['ApproximateNumberOfMessages'] as const;
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
    );
    return Number(Attributes?.ApproximateNumberOfMessages);
  };

  const before = await Promise.all(queueUrls.map(depthOf));
  const elapsedMs = await millisecondsOf(async () => {
    await inParallel(events / BATCH, concurrency, put);
    for (const [index, queueUrl] of queueUrls.entries()) {
      while ((await depthOf(queueUrl)) < (before[index] ?? 0) + events) await setTimeout(LOOK_EVERY_MS);
    }
  });
  eventBridge.destroy();
  sqs.destroy();
  return (1000 * events * queueUrls.length) / elapsedMs;
}

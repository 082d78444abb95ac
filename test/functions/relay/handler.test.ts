import type { Context, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { createRelayHandler } from '../../../functions/relay/handler.ts';
import type { Relay } from '../../../lib/outbox/index.ts';

type Run = Relay['run'];

const eventInsert = (position: string, sequence: string): DynamoDBRecord => ({
  eventName: 'INSERT',
  dynamodb: {
    Keys: { partitionkey: { S: 'order#1' }, sequence: { N: sequence } },
    NewImage: {
      kind: { S: 'EVENT' },
      id: { S: `event-${sequence}` },
      source: { S: '/orders' },
      type: { S: 'com.example.order.placed' },
      event: { S: `{"id":"event-${sequence}"}` },
      committedAt: { N: '1700000000000' },
    },
    SequenceNumber: position,
  },
});

const headInsert: DynamoDBRecord = {
  eventName: 'INSERT',
  dynamodb: {
    Keys: { partitionkey: { S: 'order#1' }, sequence: { N: '0' } },
    NewImage: { kind: { S: 'HEAD' }, last: { N: '2' } },
    SequenceNumber: '100',
  },
};

function setUp(run: Run) {
  const calls: string[] = [];
  const runs: Parameters<Run>[] = [];
  const handler = createRelayHandler({
    relay: {
      run: (...parameters) => {
        runs.push(parameters);
        calls.push('run');
        return run(...parameters);
      },
    },
    logger: { addContext: () => void calls.push('addContext') },
    metrics: { hasStoredMetrics: () => true, publishStoredMetrics: () => calls.push('publishStoredMetrics') },
  });
  const context = { getRemainingTimeInMillis: () => 59_000 } as Context;
  return { calls, runs, handle: (event: DynamoDBStreamEvent) => handler(event, context) };
}

const reporting =
  (lowestFailed: string | undefined): Run =>
  async () => ({ lowestFailed, stoppedGroups: new Set(), published: 0, quarantined: 0, failed: 0 });

describe('createRelayHandler', () => {
  it('relays the events of the stream within the remaining time, and ignores all other records', async () => {
    const { runs, handle } = setUp(reporting(undefined));

    const response = await handle({ Records: [headInsert, eventInsert('101', '1'), eventInsert('102', '2')] });

    expect(response).toEqual({ batchItemFailures: [] });
    expect(runs).toMatchObject([
      [
        [
          { kind: 'event', position: '101', event: { group: 'order#1', sequence: 1, body: '{"id":"event-1"}' } },
          { kind: 'event', position: '102', event: { group: 'order#1', sequence: 2, body: '{"id":"event-2"}' } },
        ],
        59_000,
      ],
    ]);
  });

  it('reports only the lowest failed record', async () => {
    const { handle } = setUp(reporting('102'));

    const response = await handle({ Records: [eventInsert('101', '1'), eventInsert('102', '2')] });

    expect(response).toEqual({ batchItemFailures: [{ itemIdentifier: '102' }] });
  });

  it('emits the metrics once, at the end', async () => {
    const { calls, handle } = setUp(reporting(undefined));

    await handle({ Records: [] });

    expect(calls).toEqual(['addContext', 'run', 'publishStoredMetrics']);
  });

  it('emits the metrics of the work before a failure, and fails the batch', async () => {
    const { calls, handle } = setUp(async () => {
      throw new RangeError('broken');
    });

    await expect(handle({ Records: [] })).rejects.toThrow(RangeError);
    expect(calls.at(-1)).toBe('publishStoredMetrics');
  });

  it('rejects records that are not from a DynamoDB stream', async () => {
    const { handle } = setUp(reporting(undefined));

    await expect(handle({ Records: [{ eventName: 'INSERT' }] })).rejects.toMatchObject({
      code: 'STREAM_RECORD_INVALID',
    });
  });
});

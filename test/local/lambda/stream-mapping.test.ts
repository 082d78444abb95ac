import { describe, expect, it } from 'vitest';
import { AwsError } from '../../../local/endpoint/aws-error.ts';
import type { JsonObject, JsonService } from '../../../local/endpoint/service.ts';
import { openLambda } from './lambda-under-test.ts';

const STREAM = 'arn:aws:dynamodb:eu-west-1:123456789012:table/outbox/stream/2026-11-20T06:00:00.000';

/** Later than every shard reader is opened. */
const NOON = Date.parse('2100-01-01T12:00:00Z');

interface FakeShard {
  readonly parent?: string;
  closed: boolean;
  readonly records: number[];
}

/** Shards of numbered records; an iterator is `shard position`. */
function createFakeStreams(shards: Record<string, FakeShard>, now: () => number) {
  const iterators: JsonObject[] = [];
  const errors: Error[] = [];
  const listeners = new Set<() => void>();
  const position = (shard: FakeShard, { ShardIteratorType: type, SequenceNumber: after }: JsonObject) => {
    if (type === 'LATEST') return shard.records.length;
    return type === 'TRIM_HORIZON' ? 0 : shard.records.indexOf(Number(after)) + 1;
  };
  const recordOf = (sequence: number) => ({
    eventID: String(sequence),
    eventName: 'REMOVE',
    awsRegion: 'eu-west-1',
    eventSource: 'aws:dynamodb',
    eventVersion: '1.1',
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(now() / 1000),
      Keys: { pk: { S: 'g1' } },
      SequenceNumber: String(sequence),
    },
    userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' },
  });
  const service: JsonService = {
    targetPrefix: 'DynamoDBStreams_20120810',
    jsonVersion: '1.0',
    async handle(operation, input) {
      if (operation === 'DescribeStream') {
        const described = Object.entries(shards).map(([ShardId, { parent }]) => ({ ShardId, ParentShardId: parent }));
        const from = described.findIndex(({ ShardId }) => ShardId === input['ExclusiveStartShardId']) + 1;
        const Shards = described.slice(from, from + 1);
        const more = from + 1 < described.length ? { LastEvaluatedShardId: Shards[0]?.ShardId } : {};
        return { StreamDescription: { Shards, ...more } };
      }
      if (operation === 'GetShardIterator') {
        iterators.push(input);
        const shardId = String(input['ShardId']);
        const shard = shards[shardId] ?? { closed: true, records: [] };
        return { ShardIterator: `${shardId} ${position(shard, input)}` };
      }
      const error = errors.shift();
      if (error !== undefined) throw error;
      const [shardId = '', from] = String(input['ShardIterator']).split(' ');
      const shard = shards[shardId] ?? { closed: true, records: [] };
      const records = shard.records.slice(Number(from), Number(from) + Number(input['Limit']));
      const next = Number(from) + records.length;
      return {
        Records: records.map(recordOf),
        NextShardIterator: shard.closed && next === shard.records.length ? null : `${shardId} ${next}`,
      };
    },
  };
  return {
    iterators,
    errors,
    wake: () => {
      for (const listener of listeners) listener();
    },
    listeners: () => listeners.size,
    sources: {
      dynamoDbStreams: service,
      onStreamRecords: (_streamArn: string, listener: () => void) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
  };
}

const READER = `export const handler = async ({ Records }) => console.log(Records.map((r) => r.eventID).join());`;

const open = (shards: Record<string, FakeShard>) => {
  const streams = createFakeStreams(shards, () => NOON);
  const host = openLambda({}, streams.sources);
  const reader = host.add(READER, { functionName: 'reader' });
  const map = (startingPosition: 'TRIM_HORIZON' | 'LATEST' = 'TRIM_HORIZON') =>
    host.lambda.createEventSourceMapping({ functionName: reader, eventSourceArn: STREAM, startingPosition });
  return { streams, host, map };
};

const expired = () => new AwsError('ExpiredIteratorException', 'the iterator is too old');

describe('a stream mapping', () => {
  it('reads a shard only when the records of its parent are settled', async () => {
    const { host, map } = open({
      parent: { closed: true, records: [1, 2] },
      child: { parent: 'parent', closed: false, records: [3] },
      orphan: { parent: 'trimmed', closed: false, records: [] },
    });
    await using _ = host;

    await map();
    await expect.poll(() => host.lines).toEqual(['reader: 1,2', 'reader: 3']);
  });

  it('finds shards that are created later', async () => {
    const shards: Record<string, FakeShard> = { first: { closed: false, records: [1] } };
    const { host, streams, map } = open(shards);
    await using _ = host;
    await map();
    await expect.poll(() => host.lines).toEqual(['reader: 1']);

    shards['first'] = { closed: true, records: [1, 2] };
    shards['second'] = { parent: 'first', closed: false, records: [3] };
    streams.wake();

    await expect.poll(() => host.lines).toEqual(['reader: 1', 'reader: 2', 'reader: 3']);
  });

  it('replaces an expired iterator with one after the last record read', async () => {
    const shard: FakeShard = { closed: false, records: [1] };
    const { host, streams, map } = open({ only: shard });
    await using _ = host;
    await map();
    await expect.poll(() => host.lines).toEqual(['reader: 1']);

    shard.records.push(2);
    streams.errors.push(expired());
    streams.wake();
    await expect.poll(() => host.lines).toEqual(['reader: 1', 'reader: 2']);

    expect(streams.iterators.at(-1)).toMatchObject({
      ShardIteratorType: 'AFTER_SEQUENCE_NUMBER',
      SequenceNumber: '1',
    });
  });

  it('misses nothing when an iterator at the newest record expires unused', async () => {
    const shard: FakeShard = { closed: false, records: [] };
    const { host, streams, map } = open({ only: shard });
    await using _ = host;
    streams.errors.push(expired());

    await map('LATEST');
    shard.records.push(1);
    streams.wake();

    await expect.poll(() => host.lines).toEqual(['reader: 1']);
    expect(streams.iterators.map(({ ShardIteratorType }) => ShardIteratorType)).toEqual(['LATEST', 'TRIM_HORIZON']);
  });

  it('reports that records were trimmed, and continues at the trim horizon', async () => {
    const { host, streams, map } = open({ only: { closed: false, records: [7] } });
    await using _ = host;
    streams.errors.push(new AwsError('TrimmedDataAccessException', 'too late'));

    await map();

    await expect.poll(() => host.lines).toEqual(['reader: 7']);
    expect(host.runLog).toEqual([`error reader: stream records of ${STREAM} expired before they were read`]);
  });

  it('reports that a read failed, and retries after a second', async () => {
    const { host, streams, map } = open({ only: { closed: false, records: [7] } });
    await using _ = host;
    streams.errors.push(new Error('gone'));

    await map();
    await expect.poll(() => host.runLog).toEqual([`error reader: cannot read ${STREAM}; trying again`]);
    const busy = host.lambda.activity().busyMappings.length;
    host.clock.advance(1000);

    await expect.poll(() => host.lines).toEqual(['reader: 7']);
    expect(busy).toBe(1);
  });

  it('writes the user identity of an expired item’s record as Lambda does', async () => {
    const streams = createFakeStreams({ only: { closed: false, records: [1] } }, () => NOON);
    await using host = openLambda({}, streams.sources);
    const teller = host.add(
      'export const handler = async ({ Records: [r] }) => console.log(JSON.stringify(r.userIdentity));',
      { functionName: 'teller' },
    );

    await host.lambda.createEventSourceMapping({
      functionName: teller,
      eventSourceArn: STREAM,
      startingPosition: 'TRIM_HORIZON',
    });

    await expect.poll(() => host.lines).toEqual(['teller: {"type":"Service","principalId":"dynamodb.amazonaws.com"}']);
  });

  it('stops listening when the host is closed', async () => {
    const { host, streams, map } = open({ only: { closed: false, records: [] } });
    await using _ = host;
    await map();

    await host.lambda.close();

    expect(streams.listeners()).toBe(0);
    expect(host.lambda.activity()).toEqual({ invocations: 0, busyMappings: [] });
  });
});

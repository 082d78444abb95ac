import { DynamoDBClient, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { waitingGroupOf } from '../../../lib/consumer/dynamodb-waiting-groups.ts';
import { createDynamoDbWaitingGroups, createWaitingGauge } from '../../../lib/consumer/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

const _NOW = 1_795_154_400_000 as EpochMs;
const client = new DynamoDBClient({ region: 'eu-west-1' });
const dynamodb = mockClient(client);
const _refusal = (name: string) => Object.assign(new Error('no'), { name });

beforeEach(() => {
  dynamodb.reset();
});

/** An item of the cursors table: of a group that waits since then. */
const waiting = (group: string, since: number, state = 'retrying') => ({
  id: { S: `billing#${group}` },
  consumer: { S: 'billing' },
  group: { S: group },
  processed: { N: '3' },
  seen: { N: '5' },
  generation: { N: '0' },
  revision: { N: '2' },
  waitingSince: { N: String(since) },
  waitingFor: {
    M: {
      sequence: { N: '4' },
      since: { N: String(since) },
      attempts: { N: '1' },
      reason: { M: { code: { S: 'Error' }, message: { S: 'no' } } },
      state: { S: state },
      permanent: { BOOL: false },
    },
  },
});

describe('the groups that wait', () => {
  const list = async () => {
    const pages: string[][] = [];
    for await (const page of createDynamoDbWaitingGroups({
      client,
      tableName: 'cursors',
      consumer: 'billing',
    }).list()) {
      pages.push(page.map(({ group }) => group));
    }
    return pages;
  };
  const groups = (count: number) => Array.from({ length: count }, (_, index) => waiting(`order#${index}`, index));
  const names = (from: number, to: number) =>
    groups(to)
      .slice(from)
      .map(({ group }) => group.S);
  const inShard = (shard: number) => ({
    IndexName: 'waiting-shard',
    ExpressionAttributeNames: { '#partition': 'waitingShard' },
    ExpressionAttributeValues: { ':partition': { S: `billing#${shard}` } },
  });
  const asOldCode = {
    IndexName: 'waiting',
    ExpressionAttributeNames: { '#partition': 'waitingConsumer' },
    ExpressionAttributeValues: { ':partition': { S: 'billing' } },
  };

  beforeEach(() => {
    dynamodb.on(QueryCommand).resolves({ Items: [] });
  });

  it('come once each, although a cursor that is written anew is seen in two indexes for a moment', async () => {
    dynamodb.on(QueryCommand, inShard(3)).resolves({ Items: [waiting('a', 5), waiting('b', 7)] });
    dynamodb.on(QueryCommand, asOldCode).resolves({ Items: [waiting('a', 5), waiting('c', 6)] });

    expect(await list()).toStrictEqual([['a', 'c', 'b']]);
  });

  it('come in pages of 25, none of them empty', async () => {
    dynamodb.on(QueryCommand, inShard(0)).resolves({ Items: groups(26) });
    expect(await list()).toStrictEqual([names(0, 25), names(25, 26)]);

    dynamodb.on(QueryCommand, inShard(0)).resolves({ Items: groups(50) });
    expect(await list()).toStrictEqual([names(0, 25), names(25, 50)]);
  });

  it('are read from their items; a group that waits for nothing is none', () => {
    const { waitingFor, ...others } = waiting('a', 5);

    expect(waitingGroupOf(others)).toStrictEqual([]);
    expect(waitingGroupOf({ ...others, waitingFor })).toStrictEqual([
      {
        group: 'a',
        cursor: {
          processed: 3,
          seen: 5,
          generation: 0,
          revision: 2,
          blockedBy: {
            sequence: 4,
            since: 5,
            attempts: 1,
            reason: { code: 'Error', message: 'no' },
            state: 'retrying',
            permanent: false,
          },
        },
      },
    ]);
  });
});

describe('the gauge of what waits', () => {
  const open = (now: () => number) => {
    const told: unknown[] = [];
    const warned: unknown[] = [];
    const gauge = createWaitingGauge({
      client,
      tableName: 'cursors',
      clock: { now: () => now() as EpochMs },
      metricsOf: (consumer) => ({
        addMetric: (...metric) => void told.push([consumer, ...metric]),
        publishStoredMetrics: () => void told.push([consumer, 'published']),
      }),
      logger: { warn: (message, fields) => void warned.push([message, fields]) },
    });
    return { gauge, told, warned };
  };
  const NO_TIME = 'not enough time to count all waiting groups: the next run continues';

  it('tells of each consumer what waits, what is held, and how long the oldest has waited', async () => {
    dynamodb.on(ScanCommand, { IndexName: 'waiting-shard' }).resolves({
      Items: [
        waiting('a', 4_000),
        waiting('b', 9_000, 'dead'),
        { ...waiting('c', 12_000), consumer: { S: 'shipping' } },
      ],
    });
    dynamodb.on(ScanCommand, { IndexName: 'waiting' }).resolves({ Items: [waiting('d', 6_000)] });
    const { gauge, told, warned } = open(() => 10_000);

    await gauge.run(1);

    expect(told).toStrictEqual([
      ['billing', 'WaitingGroups', 'Count', 3],
      ['billing', 'HeldGroups', 'Count', 1],
      ['billing', 'OldestWaitAge', 'Milliseconds', 6_000],
      ['billing', 'published'],
      ['shipping', 'WaitingGroups', 'Count', 1],
      ['shipping', 'HeldGroups', 'Count', 0],
      // begun by a clock that is ahead
      ['shipping', 'OldestWaitAge', 'Milliseconds', 0],
      ['shipping', 'published'],
    ]);
    expect(warned).toStrictEqual([]);
    expect(dynamodb.commandCalls(ScanCommand)[0]?.args[0].input).toMatchObject({
      TableName: 'cursors',
      Limit: 1_000,
      ExpressionAttributeNames: { '#since': 'waitingSince' },
    });
  });

  it('begins nothing once its time is over, and says how far it has come', async () => {
    const LastEvaluatedKey = { id: { S: 'billing#b' } };
    dynamodb
      .on(ScanCommand)
      .resolvesOnce({ Items: [waiting('a', 1), waiting('b', 2)], LastEvaluatedKey })
      .resolves({});
    let now = 10_000;
    const { gauge, told, warned } = open(() => now++);

    await gauge.run(2);
    expect(warned).toStrictEqual([[NO_TIME, { counted: 2 }]]);
    expect(told).toStrictEqual([]);

    await gauge.run(1_000);
    expect(dynamodb.commandCalls(ScanCommand).map(({ args }) => args[0].input.ExclusiveStartKey)).toStrictEqual([
      undefined,
      LastEvaluatedKey,
      undefined,
    ]);
    expect(told[0]).toStrictEqual(['billing', 'WaitingGroups', 'Count', 2]);
  });

  it('reads nothing without time', async () => {
    const { gauge, warned } = open(() => 10_000);

    await gauge.run(0);

    expect(warned).toStrictEqual([[NO_TIME, { counted: 0 }]]);
    expect(dynamodb.calls()).toHaveLength(0);
  });
});

import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Cursor,
  createConsumerHistoryRecorder,
  createDynamoDbCursorStore,
  createDynamoDbEventLog,
} from '../../../lib/consumer/index.ts';
import { OUTBOX_KIND } from '../../../lib/definitions/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';

const NOW = 1_795_154_400_000 as EpochMs;
const client = new DynamoDBClient({ region: 'eu-west-1' });
const dynamodb = mockClient(client);
const refusal = (name: string) => Object.assign(new Error('no'), { name });

beforeEach(() => {
  dynamodb.reset();
});

describe('the DynamoDB cursor store', () => {
  const NEW: Cursor = { processed: 0, seen: 0, blockedBy: undefined, generation: 0, revision: 0 };
  const open = () => {
    const slept: number[] = [];
    const store = createDynamoDbCursorStore({
      client,
      tableName: 'cursors',
      consumer: 'billing',
      expirySeconds: 60,
      clock: { now: () => NOW },
      sleep: async (ms) => void slept.push(ms),
      random: () => 0.5,
    });
    return { store, slept };
  };
  const keysOf = (groups: readonly string[]) => groups.map((group) => ({ id: { S: `billing#${group}` } }));
  const asked = () =>
    dynamodb.commandCalls(BatchGetItemCommand).map(({ args }) => args[0].input.RequestItems?.['cursors']);

  it('keeps an idle cursor for the configured time', async () => {
    dynamodb.on(PutItemCommand).resolves({});

    expect(await open().store.save('g', NEW, NEW)).toBe('saved');

    const [put] = dynamodb.commandCalls(PutItemCommand);
    expect(put?.args[0].input.Item).toMatchObject({ expires: { N: '1795154460' } });
  });

  it('throws errors other than conflicts', async () => {
    dynamodb.on(PutItemCommand).rejectsOnce(refusal('ConditionalCheckFailedException')).rejects(refusal('Throttled'));
    const { store } = open();

    expect(await store.save('g', NEW, NEW)).toBe('conflict');
    await expect(store.save('g', NEW, NEW)).rejects.toThrow(expect.objectContaining({ name: 'Throttled' }));
  });

  it('reads a hundred cursors with one request', async () => {
    dynamodb.on(BatchGetItemCommand).resolves({ Responses: {}, UnprocessedKeys: {} });
    const groups = Array.from({ length: 230 }, (_, index) => `order#${index}`);
    const { store, slept } = open();

    await store.read(groups);

    expect(asked().map((request) => request?.Keys)).toStrictEqual([
      keysOf(groups.slice(0, 100)),
      keysOf(groups.slice(100, 200)),
      keysOf(groups.slice(200)),
    ]);
    expect(asked().map((request) => request?.ConsistentRead)).toStrictEqual([true, true, true]);
    expect(slept).toStrictEqual([]);
  });

  it('reads unprocessed cursors again with growing waits', async () => {
    const left = (...groups: string[]) => ({ UnprocessedKeys: { cursors: { Keys: keysOf(groups) } } });
    dynamodb.on(BatchGetItemCommand).resolvesOnce(left('a', 'b')).resolvesOnce(left('b')).resolves({});
    const { store, slept } = open();

    await store.read(['a', 'b', 'c']);

    expect(asked().map((request) => request?.Keys)).toStrictEqual([
      keysOf(['a', 'b', 'c']),
      keysOf(['a', 'b']),
      keysOf(['b']),
    ]);
    expect(slept).toStrictEqual([12.5, 25]);
  });

  it('gives up after eight reads', async () => {
    dynamodb.on(BatchGetItemCommand).resolves({ UnprocessedKeys: { cursors: { Keys: keysOf(['a']) } } });
    const { store, slept } = open();

    await expect(store.read(['a'])).rejects.toMatchObject({ code: 'CURSORS_UNREAD' });

    expect(asked()).toHaveLength(8);
    expect(slept).toStrictEqual([12.5, 25, 50, 100, 200, 400, 500]);
  });
});

describe('the history recorder of a consumer', () => {
  const settings = { ordering: 'strict', inboxExpirySeconds: 10, cursorExpirySeconds: 20 } as const;
  const record = () =>
    createConsumerHistoryRecorder({
      client,
      tableName: 'inbox',
      consumer: 'billing',
      settings,
      queueCreatedAt: async () => 1_000 as EpochMs,
      clock: { now: () => NOW },
    })();
  /** As it was stored under another setting. */
  const stored = {
    Item: {
      id: { S: 'billing#start' },
      startedAt: { N: '1000' },
      periods: {
        L: [
          {
            M: {
              ordering: { S: 'fifo' },
              inboxExpirySeconds: { N: '10' },
              cursorExpirySeconds: { N: '20' },
              from: { N: '1000' },
            },
          },
        ],
      },
      revision: { N: '3' },
    },
  };
  const puts = () => dynamodb.commandCalls(PutItemCommand).map(({ args }) => args[0].input);

  it('stores the history once, on condition that no other container changed it', async () => {
    dynamodb.on(GetItemCommand).resolves(stored);
    dynamodb.on(PutItemCommand).resolves({});

    expect(await record()).toMatchObject({ revision: 4, periods: [{ ordering: 'fifo' }, { ...settings, from: NOW }] });
    expect(puts()).toMatchObject([
      {
        Item: { id: { S: 'billing#start' }, revision: { N: '4' } },
        ConditionExpression: '#read = :read',
        ExpressionAttributeNames: { '#read': 'revision' },
        ExpressionAttributeValues: { ':read': { N: '3' } },
      },
    ]);
    expect(puts()[0]?.TableName).toBe('inbox');
    expect(dynamodb.commandCalls(GetItemCommand).map(({ args }) => args[0].input)).toStrictEqual([
      { TableName: 'inbox', Key: { id: { S: 'billing#start' } }, ConsistentRead: true },
    ]);
  });

  it('stores a new history on condition that there is none', async () => {
    dynamodb.on(GetItemCommand).resolves({});
    dynamodb.on(PutItemCommand).resolves({});

    expect(await record()).toMatchObject({ startedAt: 1_000, revision: 1 });
    expect(puts()).toMatchObject([
      { ConditionExpression: 'attribute_not_exists(#read)', ExpressionAttributeNames: { '#read': 'revision' } },
    ]);
    expect(puts()[0]).not.toHaveProperty('ExpressionAttributeValues');
  });

  it('gives up after twenty lost updates', async () => {
    dynamodb.on(GetItemCommand).resolves(stored);
    dynamodb.on(PutItemCommand).rejects(refusal('ConditionalCheckFailedException'));

    await expect(record()).rejects.toThrow(
      "the history of consumer 'billing' was changed by other containers during each of 20 attempts",
    );
    expect(puts()).toHaveLength(20);
  });

  it('throws errors other than conflicts', async () => {
    dynamodb.on(GetItemCommand).resolves(stored);
    dynamodb.on(PutItemCommand).rejects(refusal('Throttled'));

    await expect(record()).rejects.toThrow(expect.objectContaining({ name: 'Throttled' }));
    expect(puts()).toHaveLength(1);
  });
});

describe('the DynamoDB event log', () => {
  const log = createDynamoDbEventLog({ client, outboxTableName: 'outbox' });
  const place = { sequence: { N: '4' }, committedAt: { N: '1000' } };

  it('reads consistently, in pages of a hundred, up to the first returned items', async () => {
    const LastEvaluatedKey = { group: { S: 'g' }, sequence: { N: '3' } };
    dynamodb
      .on(QueryCommand)
      .resolvesOnce({ Items: [], LastEvaluatedKey })
      .resolves({ Items: [place], LastEvaluatedKey });

    expect(await log.read('g', 2, 9)).toMatchObject([{ sequence: 4 }]);
    const queries = dynamodb.commandCalls(QueryCommand).map(({ args }) => args[0].input as QueryCommandInput);
    expect(queries).toMatchObject([
      {
        TableName: 'outbox',
        ConsistentRead: true,
        Limit: 100,
        ExpressionAttributeValues: { ':group': { S: 'g' }, ':from': { N: '3' }, ':upTo': { N: '9' } },
      },
      { ExclusiveStartKey: LastEvaluatedKey },
    ]);
    expect(queries[0]?.ExclusiveStartKey).toBeUndefined();
  });

  it('sends no request for an empty range', async () => {
    expect(await log.read('g', 4, 4)).toStrictEqual([]);
    expect(await log.places('g', 5, 4, 9)).toStrictEqual([]);
    expect(dynamodb.calls()).toHaveLength(0);
  });

  it('reads a single sequence', async () => {
    dynamodb.on(QueryCommand).resolves({ Items: [place] });

    expect(await log.places('g', 4, 4, 9)).toStrictEqual([
      { sequence: 4, committedAt: 1_000, expires: undefined, previousExpires: undefined },
    ]);
    expect(await log.read('g', 3, 4)).toHaveLength(1);
  });

  it('distinguishes tombstones from events', async () => {
    const expiring = { ...place, expires: { N: '7' }, previousExpires: { N: '6' } };
    const event = { id: { S: 'e4' }, source: { S: '/orders' }, type: { S: 'placed' }, event: { S: '{}' } };
    dynamodb.on(QueryCommand).resolves({
      Items: [
        { ...expiring, kind: { S: OUTBOX_KIND.tombstone } },
        { ...expiring, ...event },
      ],
    });
    const shown = { sequence: 4, committedAt: 1_000, expires: 7, previousExpires: 6 };

    expect(await log.read('g', 3, 9)).toStrictEqual([
      { kind: 'tombstone', ...shown },
      { kind: 'event', ...shown, id: 'e4', source: '/orders', type: 'placed', body: '{}' },
    ]);
  });

  it('reports no end for a head of an older release', async () => {
    dynamodb
      .on(QueryCommand)
      .resolvesOnce({ Items: [{ sequence: { N: '0' } }] })
      .resolves({ Items: [] });

    expect(await log.end('g')).toStrictEqual({ last: 0, lastExpires: undefined });
    expect(await log.end('g')).toBeUndefined();
  });
});

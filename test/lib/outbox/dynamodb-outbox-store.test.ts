import {
  BatchGetItemCommand,
  type CancellationReason,
  DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  TransactionInProgressException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createDynamoDbOutboxStore, type OutboxCommit } from '../../../lib/outbox/index.ts';
import type { EpochMs, EpochSeconds } from '../../../lib/shared/time.ts';

const dynamoDb = mockClient(DynamoDBClient);
afterAll(() => dynamoDb.restore());
const store = createDynamoDbOutboxStore({
  client: new DynamoDBClient({ region: 'eu-west-1' }),
  outboxTableName: 'outbox',
  pendingTableName: 'pending',
});

/** Actions: the caller's write, the head, the event, its marker. */
const COMMIT: OutboxCommit = {
  token: 'token',
  writes: [{ Put: { TableName: 'accounts', Item: { accountId: { S: '7' } } } }],
  heads: [{ group: 'g', from: 3, to: 4 }],
  events: [
    {
      group: 'g',
      sequence: 4,
      id: '01',
      source: '/s',
      type: 't',
      body: '{}',
      committedAt: 1_000 as EpochMs,
      expires: 61 as EpochSeconds,
    },
  ],
};

const cancelledWith = (...CancellationReasons: CancellationReason[]) =>
  dynamoDb.on(TransactWriteItemsCommand).rejects(
    new TransactionCanceledException({
      message: 'Transaction cancelled',
      CancellationReasons,
      $metadata: {},
    }),
  );

const cancelledBecause = (...codes: string[]) =>
  cancelledWith(...codes.map((Code) => ({ Code, Message: `because of ${Code}` })));

describe('DynamoDB outbox store', () => {
  beforeEach(() => {
    dynamoDb.reset();
  });

  it.each([
    ['TransactionConflict', 'conflict'],
    ['ThrottlingError', 'throttled'],
    ['ProvisionedThroughputExceeded', 'throttled'],
  ])('answers %s as %s, wherever it struck', async (code, kind) => {
    for (const reasons of [
      [code, 'None', 'None', 'None'],
      ['None', code, 'None', 'None'],
      ['None', 'None', code, 'None'],
      ['None', 'None', 'None', code],
    ]) {
      cancelledBecause(...reasons);

      expect(await store.commit(COMMIT)).toStrictEqual({ kind, reason: code });
    }
  });

  it('answers a moved head before the taken sequence that comes with it', async () => {
    cancelledBecause('None', 'ConditionalCheckFailed', 'ConditionalCheckFailed', 'None');

    expect(await store.commit(COMMIT)).toStrictEqual({ kind: 'head-moved', heads: new Map([['g', { last: 0 }]]) });
  });

  it.each(['ThrottlingException', 'ProvisionedThroughputExceededException', 'RequestLimitExceeded'])(
    'answers a call that is refused as a whole by %s as throttled',
    async (name) => {
      dynamoDb.on(TransactWriteItemsCommand).rejects(Object.assign(new Error('slow down'), { name }));

      expect(await store.commit(COMMIT)).toStrictEqual({ kind: 'throttled', reason: name });
    },
  );

  it('answers throttling before the conflict that comes with it', async () => {
    cancelledBecause('TransactionConflict', 'ThrottlingError', 'None', 'None');

    expect(await store.commit(COMMIT)).toStrictEqual({ kind: 'throttled', reason: 'ThrottlingError' });
  });

  it('answers that the same token is still in progress', async () => {
    dynamoDb
      .on(TransactWriteItemsCommand)
      .rejects(new TransactionInProgressException({ message: 'busy', $metadata: {} }));

    expect(await store.commit(COMMIT)).toStrictEqual({ kind: 'in-progress' });
  });

  it("names the caller's write that DynamoDB refuses", async () => {
    cancelledBecause('ValidationError', 'None', 'None', 'None');

    expect(await store.commit(COMMIT)).toStrictEqual({
      kind: 'write-refused',
      index: 0,
      code: 'ValidationError',
      message: 'because of ValidationError',
    });
  });

  it.each([
    [
      'no message',
      { Code: 'ValidationError' },
      { kind: 'write-refused', code: 'ValidationError', message: 'no message' },
    ],
    [
      'the item as it stands',
      { Code: 'ConditionalCheckFailed', Item: { accountId: { S: '7' } } },
      { kind: 'condition-failed', item: { accountId: { S: '7' } } },
    ],
  ])("hands on of the caller's write %s", async (_, reason, expected) => {
    cancelledWith(reason, { Code: 'ConditionalCheckFailed' === reason.Code ? 'ConditionalCheckFailed' : 'None' });

    expect(await store.commit(COMMIT)).toStrictEqual({ index: 0, ...expected });
  });

  it('answers that a sequence is taken where no head says so', async () => {
    cancelledBecause('None', 'None', 'None', 'ConditionalCheckFailed');

    expect(await store.commit(COMMIT)).toStrictEqual({ kind: 'sequence-taken', event: COMMIT.events[0] });
  });

  it('hands on a head as it stands', async () => {
    const Item = { last: { N: '9' }, lastExpires: { N: '99' }, versioned: { BOOL: true } };
    cancelledWith({ Code: 'None' }, { Code: 'ConditionalCheckFailed', Item });

    expect(await store.commit(COMMIT)).toStrictEqual({
      kind: 'head-moved',
      heads: new Map([['g', { last: 9, lastExpires: 99, versioned: true }]]),
    });
  });

  it('takes a reason without a code for none', async () => {
    cancelledWith({}, { Code: 'TransactionConflict' });

    expect(await store.commit(COMMIT)).toStrictEqual({ kind: 'conflict', reason: 'TransactionConflict' });
  });

  it.each([
    ['another fault that gives reasons', { name: 'Odd', CancellationReasons: [{ Code: 'TransactionConflict' }] }],
    ['a cancellation without reasons', { name: 'TransactionCanceledException' }],
    [
      'a reason for an action that it has not sent',
      {
        name: 'TransactionCanceledException',
        CancellationReasons: [...Array(4).fill({ Code: 'None' }), { Code: 'TransactionConflict' }],
      },
    ],
    [
      'a reason that nobody knows',
      { name: 'TransactionCanceledException', CancellationReasons: [{}, { Code: 'Odd' }] },
    ],
  ])('rejects with %s', async (_, fault) => {
    dynamoDb.on(TransactWriteItemsCommand).rejects(Object.assign(new Error('as it is'), fault));

    await expect(store.commit(COMMIT)).rejects.toThrow('as it is');
  });

  it('sends writes, heads, events and their markers in one transaction, on condition that their places are free', async () => {
    dynamoDb.on(TransactWriteItemsCommand).resolves({});
    const [given] = COMMIT.events;
    if (given === undefined) throw new Error('there is an event');

    expect(
      await store.commit({ ...COMMIT, events: [{ ...given, previousExpires: 50 as EpochSeconds }] }),
    ).toStrictEqual({
      kind: 'committed',
    });

    const free = {
      ConditionExpression: 'attribute_not_exists(#group)',
      ExpressionAttributeNames: { '#group': 'partitionkey' },
    };
    const place = { partitionkey: { S: 'g' }, sequence: { N: '4' }, id: { S: '01' }, type: { S: 't' } };
    const [sent] = dynamoDb.commandCalls(TransactWriteItemsCommand).map(({ args }) => args[0].input.TransactItems);
    expect(sent).toStrictEqual([
      COMMIT.writes[0],
      {
        Update: {
          TableName: 'outbox',
          Key: { partitionkey: { S: 'g' }, sequence: { N: '0' } },
          UpdateExpression: 'SET #last = :to, #kind = :head, #format = :format',
          ConditionExpression: '#last = :from AND attribute_not_exists(#versioned)',
          ExpressionAttributeNames: {
            '#last': 'last',
            '#kind': 'kind',
            '#format': 'format',
            '#versioned': 'versioned',
          },
          ExpressionAttributeValues: {
            ':to': { N: '4' },
            ':head': { S: 'HEAD' },
            ':format': { N: '1' },
            ':from': { N: '3' },
          },
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        },
      },
      {
        Put: {
          TableName: 'outbox',
          Item: {
            ...place,
            format: { N: '1' },
            kind: { S: 'EVENT' },
            source: { S: '/s' },
            event: { S: '{}' },
            committedAt: { N: '1000' },
            expires: { N: '61' },
            previousExpires: { N: '50' },
          },
          ...free,
        },
      },
      { Put: { TableName: 'pending', Item: { ...place, format: { N: '1' }, committedAt: { N: '1000' } }, ...free } },
    ]);
  });

  it('leaves out of an event what is not known of earlier ones', async () => {
    dynamoDb.on(TransactWriteItemsCommand).resolves({});

    await store.commit(COMMIT);

    const [sent] = dynamoDb.commandCalls(TransactWriteItemsCommand).map(({ args }) => args[0].input.TransactItems);
    expect(sent?.[2]?.Put?.Item).not.toHaveProperty('previousExpires');
  });

  const HEAD_OF_G = { partitionkey: { S: 'g' }, last: { N: '4' }, lastExpires: { N: '99' } };
  const HEADS = new Map([
    ['g', { last: 4, lastExpires: 99 }],
    ['h', { last: 0 }],
  ]);
  const HEAD_READ = {
    ConsistentRead: true,
    ProjectionExpression: '#group, #last, #lastExpires, #format',
    ExpressionAttributeNames: {
      '#group': 'partitionkey',
      '#last': 'last',
      '#lastExpires': 'lastExpires',
      '#format': 'format',
    },
  };
  const keyOf = (group: string) => ({ partitionkey: { S: group }, sequence: { N: '0' } });

  it('reads a head consistently, and no more of it than it needs', async () => {
    dynamoDb.on(GetItemCommand).resolves({ Item: HEAD_OF_G });

    expect(await store.readHeads(['g'])).toStrictEqual(new Map([['g', { last: 4, lastExpires: 99 }]]));
    expect(dynamoDb.commandCalls(GetItemCommand)[0]?.args[0].input).toStrictEqual({
      TableName: 'outbox',
      Key: keyOf('g'),
      ...HEAD_READ,
    });
  });

  it('reads the heads of several groups in one call', async () => {
    dynamoDb.on(BatchGetItemCommand).resolves({ Responses: { outbox: [HEAD_OF_G] } });

    expect(await store.readHeads(['g', 'h'])).toStrictEqual(HEADS);
    expect(dynamoDb.commandCalls(BatchGetItemCommand).map(({ args }) => args[0].input)).toStrictEqual([
      { RequestItems: { outbox: { Keys: [keyOf('g'), keyOf('h')], ...HEAD_READ } } },
    ]);
    expect(dynamoDb.commandCalls(GetItemCommand)).toStrictEqual([]);
  });

  it('reads one by one the heads that the call left out', async () => {
    dynamoDb
      .on(BatchGetItemCommand)
      .resolves({ Responses: { outbox: [] }, UnprocessedKeys: { outbox: { Keys: [keyOf('g')] } } });
    dynamoDb.on(GetItemCommand).resolves({ Item: HEAD_OF_G });

    expect(await store.readHeads(['g', 'h'])).toStrictEqual(new Map(HEADS));
    expect(dynamoDb.commandCalls(GetItemCommand).map(({ args }) => args[0].input.Key)).toStrictEqual([keyOf('g')]);
  });

  it('reads heads one by one if the role is from before the grant of the batch', async () => {
    dynamoDb.on(BatchGetItemCommand).rejects(Object.assign(new Error('denied'), { name: 'AccessDeniedException' }));
    dynamoDb.on(GetItemCommand).resolvesOnce({ Item: HEAD_OF_G }).resolves({});

    expect(await store.readHeads(['g', 'h'])).toStrictEqual(HEADS);
  });

  it('rejects a head of a format that it does not know', async () => {
    dynamoDb.on(GetItemCommand).resolves({ Item: { ...HEAD_OF_G, format: { N: '99' } } });

    await expect(store.readHeads(['g'])).rejects.toMatchObject({ code: 'STORED_FORMAT_UNKNOWN' });
  });

  it('looks for the event before a move only where that is to be proven', async () => {
    const heads = [
      { group: 'a', from: 3, to: 4, by: 'versions-after-event' },
      { group: 'b', from: 3, to: 4, by: 'versions-after-event' },
      { group: 'c', from: 3, to: 4, by: 'versions' },
    ] as const;
    dynamoDb
      .on(GetItemCommand)
      .resolvesOnce({ Item: { partitionkey: { S: 'a' } } })
      .resolves({});
    dynamoDb.on(TransactWriteItemsCommand).resolves({});

    await store.commit({ ...COMMIT, writes: [], events: [], heads });

    const asked = (group: string) => ({
      TableName: 'outbox',
      Key: { partitionkey: { S: group }, sequence: { N: '3' } },
      ConsistentRead: true,
      ProjectionExpression: '#group',
      ExpressionAttributeNames: { '#group': 'partitionkey' },
    });
    expect(dynamoDb.commandCalls(GetItemCommand).map(({ args }) => args[0].input)).toStrictEqual([
      asked('a'),
      asked('b'),
    ]);
    const [sent] = dynamoDb.commandCalls(TransactWriteItemsCommand).map(({ args }) => args[0].input.TransactItems);
    expect(sent?.map(({ Update }) => Update?.ConditionExpression)).toStrictEqual([
      'attribute_not_exists(#last) OR (#last < :from AND #versioned = :true)',
      '#last = :from AND #versioned = :true',
      '#last = :from AND #versioned = :true',
    ]);
  });

  it('rejects with the fault itself when it is none of the outcomes', async () => {
    dynamoDb.on(TransactWriteItemsCommand).rejects('odd');
    await expect(store.commit(COMMIT)).rejects.toThrow('odd');

    dynamoDb.on(TransactWriteItemsCommand).rejects(new Error('socket hang up'));
    await expect(store.commit(COMMIT)).rejects.toThrow('socket hang up');

    cancelledBecause('None', 'None', 'ItemCollectionSizeLimitExceeded', 'None');
    await expect(store.commit(COMMIT)).rejects.toThrow('Transaction cancelled');
  });

  it('passes the token on, so that the SDK may repeat a request whose answer was lost', async () => {
    dynamoDb.on(TransactWriteItemsCommand).resolves({});

    await store.commit(COMMIT);

    expect(dynamoDb.commandCalls(TransactWriteItemsCommand)[0]?.args[0].input.ClientRequestToken).toBe('token');
  });

  it('sends a commit that is in progress again as it was, although its proof has come into the log meanwhile', async () => {
    const commit: OutboxCommit = { ...COMMIT, heads: [{ group: 'g', from: 3, to: 4, by: 'versions-after-event' }] };
    dynamoDb
      .on(GetItemCommand)
      .resolvesOnce({})
      .resolves({ Item: { partitionkey: { S: 'g' } } });
    dynamoDb
      .on(TransactWriteItemsCommand)
      .rejects(new TransactionInProgressException({ message: 'busy', $metadata: {} }));

    await store.commit(commit);
    await store.commit(commit);

    const [first, again] = dynamoDb.commandCalls(TransactWriteItemsCommand).map(({ args }) => args[0].input);
    expect(again).toStrictEqual(first);
  });
});

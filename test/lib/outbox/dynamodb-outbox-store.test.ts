import {
  DynamoDBClient,
  GetItemCommand,
  TransactionCanceledException,
  TransactionInProgressException,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { beforeEach, describe, expect, it } from 'vitest';
import { createDynamoDbOutboxStore, type OutboxCommit } from '../../../lib/outbox/index.ts';
import type { EpochMs, EpochSeconds } from '../../../lib/shared/time.ts';

const dynamoDb = mockClient(DynamoDBClient);
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

const cancelledBecause = (...codes: string[]) =>
  dynamoDb.on(TransactWriteItemsCommand).rejects(
    new TransactionCanceledException({
      message: 'Transaction cancelled',
      CancellationReasons: codes.map((Code) => ({ Code, Message: `because of ${Code}` })),
      $metadata: {},
    }),
  );

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

  it('rejects with the fault itself when it is none of the outcomes', async () => {
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
    const commit: OutboxCommit = { ...COMMIT, heads: [{ group: 'g', from: 3, to: 4, by: 'proven-versions' }] };
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

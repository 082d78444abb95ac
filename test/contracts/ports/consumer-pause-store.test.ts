import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { INBOX_TABLE } from '../../../lib/definitions/index.ts';
import { createDynamoDbConsumerPauseStore, createDynamoDbPauseLedger } from '../../../lib/operations/index.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createInMemoryConsumerPauseStore } from '../../../lib/testing/in-memory-consumer-pause-store.ts';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { describeConsumerPauseStore } from './consumer-pause-store.ts';

let engine: LocalDynamoDb;
let run = 0;

beforeAll(async () => {
  engine = await startLocalDynamoDb();
});

afterAll(() => engine.close());

const openTable = async () => {
  const tableName = `inbox-${++run}`;
  await engine.createTable(tableName, INBOX_TABLE);
  return { client: engine.client, tableName, consumer: 'billing' };
};

describeConsumerPauseStore('in memory', async () => createInMemoryConsumerPauseStore());
describeConsumerPauseStore('DynamoDB', async () => createDynamoDbConsumerPauseStore(await openTable()));

describe('the pause of a consumer in DynamoDB', () => {
  it('ends although another transaction was in progress', async () => {
    const table = await openTable();
    const pause = { since: 1_000 as EpochMs, by: 'ann', reason: 'looking at it' };
    let conflicts = 1;
    const send = (command: object, ...rest: unknown[]) => {
      if (command instanceof TransactWriteItemsCommand && conflicts-- > 0) {
        throw Object.assign(new Error('conflict'), {
          name: 'TransactionCanceledException',
          CancellationReasons: [{ Code: 'TransactionConflict' }],
        });
      }
      return Reflect.apply(table.client.send, table.client, [command, ...rest]);
    };
    const store = createDynamoDbConsumerPauseStore({
      ...table,
      client: Object.create(table.client, { send: { value: send } }),
    });
    await store.begin(pause);

    await store.end({ consumer: 'billing', group: undefined, ...pause, resumedAt: 5_000 as EpochMs, resumedBy: 'bob' });

    expect(await store.find()).toBeUndefined();
  });

  it('leaves a record beside those of groups', async () => {
    const table = await openTable();
    const store = createDynamoDbConsumerPauseStore(table);
    const pause = { since: 1_000 as EpochMs, by: 'ann', reason: 'looking at it' };
    await store.begin(pause);

    await store.end({ consumer: 'billing', group: undefined, ...pause, resumedAt: 5_000 as EpochMs, resumedBy: 'bob' });

    expect(await createDynamoDbPauseLedger(table).find(undefined, pause.since)).toStrictEqual({
      consumer: 'billing',
      group: undefined,
      ...pause,
      resumedAt: 5_000,
      resumedBy: 'bob',
    });
    expect(
      await createDynamoDbPauseLedger({ ...table, consumer: 'mail' }).find(undefined, pause.since),
    ).toBeUndefined();
  });
});

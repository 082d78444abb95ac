import { TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll } from 'vitest';
import { createDynamoDbCursorStore, createDynamoDbWaitingGroups } from '../../../lib/consumer/index.ts';
import { CURSORS_TABLE } from '../../../lib/definitions/index.ts';
import { type LocalDynamoDb, startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { describeCursorStore } from './cursor-store.ts';

let engine: LocalDynamoDb;
let run = 0;

beforeAll(async () => {
  engine = await startLocalDynamoDb();
});

afterAll(() => engine.close());

describeCursorStore('DynamoDB', async () => {
  run += 1;
  const tableName = `cursors-${run}`;
  const { client, clock } = engine;
  await engine.createTable(tableName, CURSORS_TABLE);
  const storeOf = (consumer: string) =>
    createDynamoDbCursorStore({
      client,
      tableName,
      consumer,
      expirySeconds: 3_600,
      clock,
      sleep: async () => undefined,
      random: () => 0,
    });
  return {
    billing: storeOf('billing'),
    shipping: storeOf('shipping'),
    async transact(writes) {
      try {
        await client.send(new TransactWriteItemsCommand({ TransactItems: [...writes] }));
        return true;
      } catch (error) {
        if ((error as Error).name === 'TransactionCanceledException') return false;
        throw error;
      }
    },
    async waiting() {
      const groups: string[] = [];
      const waiting = createDynamoDbWaitingGroups({ client, tableName, consumer: 'billing' });
      for await (const page of waiting.list()) groups.push(...page.map(({ group }) => group));
      return groups;
    },
  };
});

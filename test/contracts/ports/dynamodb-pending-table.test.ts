import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, it, onTestFinished } from 'vitest';
import { PENDING_TABLE } from '../../../lib/definitions/index.ts';
import { createDynamoDbPendingTable } from '../../../lib/outbox/sweeper/dynamodb-pending-table.ts';
import { startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { describePendingTable } from './pending-table.ts';

const TableName = 'pending';

const NOTE: AttributeValue = { M: { code: { S: 'X' }, message: { S: 'x' }, at: { N: '1' } } };

/** So that a dozen markers fill more than a page of 1 MB. */
const BALLAST = 'x'.repeat(150_000);

describePendingTable('DynamoDB', async () => {
  const engine = await startLocalDynamoDb();
  const { client } = engine;
  await engine.createTable(TableName, PENDING_TABLE);
  return {
    table: createDynamoDbPendingTable({ client, tableName: TableName }),
    seed: async (markers) => {
      for (const { group, sequence, committedAt, quarantined } of markers) {
        const Item = {
          partitionkey: { S: group },
          sequence: { N: String(sequence) },
          committedAt: { N: String(committedAt) },
          id: { S: BALLAST },
          ...(quarantined === undefined ? {} : { quarantined: NOTE }),
        };
        await client.send(new PutItemCommand({ TableName, Item }));
      }
    },
    close: () => engine.close(),
  };
});

it('treats a marker without a time as the oldest of all', async () => {
  const engine = await startLocalDynamoDb();
  onTestFinished(() => engine.close());
  await engine.createTable(TableName, PENDING_TABLE);
  const Item = { partitionkey: { S: 'order#1' }, sequence: { N: '7' } };
  await engine.client.send(new PutItemCommand({ TableName, Item }));

  const pages: unknown[] = [];
  const table = createDynamoDbPendingTable({ client: engine.client, tableName: TableName });
  for await (const page of table.pages(new AbortController().signal)) pages.push(page);

  expect(pages).toEqual([[{ group: 'order#1', sequence: 7, committedAt: 0, quarantined: undefined }]]);
});

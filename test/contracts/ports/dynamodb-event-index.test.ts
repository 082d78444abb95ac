import { outboxTableWith, PENDING_TABLE } from '../../../lib/definitions/index.ts';
import { createDynamoDbEventIndex } from '../../../lib/operations/index.ts';
import { createDynamoDbOutboxStore } from '../../../lib/outbox/index.ts';
import { startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { describeEventIndex } from './event-index.ts';

describeEventIndex('DynamoDB', async () => {
  const { client, createTable, catchUp, close } = await startLocalDynamoDb();
  await createTable('outbox', outboxTableWith('all'));
  await createTable('pending', PENDING_TABLE);
  return {
    store: createDynamoDbOutboxStore({
      client,
      outboxTableName: 'outbox',
      pendingTableName: 'pending',
      indexCorrelation: true,
    }),
    index: createDynamoDbEventIndex({
      client,
      outboxTableName: 'outbox',
      sleep: async () => undefined,
      random: () => 0,
    }),
    catchUp,
    close,
  };
});

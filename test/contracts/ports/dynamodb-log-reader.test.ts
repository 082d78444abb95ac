import { OUTBOX_TABLE, PENDING_TABLE } from '../../../lib/definitions/index.ts';
import { createDynamoDbLog } from '../../../lib/operations/index.ts';
import { createDynamoDbOutboxStore } from '../../../lib/outbox/index.ts';
import { startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { describeLog } from './log-reader.ts';

describeLog('DynamoDB', async () => {
  const { client, createTable, catchUp, close } = await startLocalDynamoDb();
  await createTable('outbox', OUTBOX_TABLE);
  await createTable('pending', PENDING_TABLE);
  return {
    store: createDynamoDbOutboxStore({
      client,
      outboxTableName: 'outbox',
      pendingTableName: 'pending',
      compressEvents: true,
    }),
    log: createDynamoDbLog({ client, outboxTableName: 'outbox' }),
    catchUp,
    close,
  };
});

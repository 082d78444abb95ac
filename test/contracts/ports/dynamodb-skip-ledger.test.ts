import { createDynamoDbCursorStore, createDynamoDbWaitingGroups } from '../../../lib/consumer/index.ts';
import { CURSORS_TABLE, INBOX_TABLE } from '../../../lib/definitions/index.ts';
import { createDynamoDbSkipLedger } from '../../../lib/operations/index.ts';
import { startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { describeSkips } from './skip-ledger.ts';

describeSkips('DynamoDB', async () => {
  const { client, clock, createTable, close } = await startLocalDynamoDb();
  await createTable('inbox', INBOX_TABLE);
  await createTable('cursors', CURSORS_TABLE);
  const stored = { client, tableName: 'cursors', consumer: 'billing' };
  return {
    skips: createDynamoDbSkipLedger({ ...stored, tableName: 'inbox' }),
    cursors: createDynamoDbCursorStore({
      ...stored,
      expirySeconds: 3_600,
      clock,
      sleep: async () => undefined,
      random: () => 0,
    }),
    waiting: createDynamoDbWaitingGroups(stored),
    close,
  };
});

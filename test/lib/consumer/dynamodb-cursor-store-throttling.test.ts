import { BatchGetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { expect, it, onTestFinished } from 'vitest';
import { createDynamoDbCursorStore } from '../../../lib/consumer/index.ts';
import { createTestClock } from '../../fixtures/event-maker.ts';

it('cursors that a throttled table leaves out of every answer are named, with the table', async () => {
  const Keys = [{ id: { S: 'billing#order#1' } }, { id: { S: 'billing#order#2' } }];
  const dynamoDb = mockClient(DynamoDBClient);
  onTestFinished(() => dynamoDb.restore());
  dynamoDb.on(BatchGetItemCommand).resolves({ UnprocessedKeys: { cursors: { Keys } } });
  const store = createDynamoDbCursorStore({
    client: new DynamoDBClient({ region: 'eu-west-1' }),
    tableName: 'cursors',
    consumer: 'billing',
    expirySeconds: 60,
    clock: createTestClock(),
    sleep: async () => undefined,
    random: () => 0,
  });

  await expect(store.read(['order#1', 'order#2'])).rejects.toMatchObject({
    code: 'CURSORS_UNREAD',
    message:
      "2 cursors of 'billing' are missing from each of 8 answers: table 'cursors' is throttled; the messages are received again: if this continues, check the table's throttled requests",
  });
});

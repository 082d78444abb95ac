import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { PENDING_TABLE } from '../../../lib/definitions/index.ts';
import type { EventKey } from '../../../lib/outbox/event-record.ts';
import { createDynamoDbPendingMarkers } from '../../../lib/outbox/relay/dynamodb-pending-markers.ts';
import { startLocalDynamoDb } from '../../fixtures/local-dynamodb.ts';
import { describePendingMarkers } from './pending-markers.ts';

const TableName = 'pending';

const itemKey = ({ group, sequence }: EventKey) => ({ partitionkey: { S: group }, sequence: { N: `${sequence}` } });

describePendingMarkers('DynamoDB', async () => {
  const engine = await startLocalDynamoDb();
  const { client } = engine;
  await engine.createTable(TableName, PENDING_TABLE);
  return {
    markers: createDynamoDbPendingMarkers({ client, tableName: TableName }),
    seed: async (keys) => {
      for (const key of keys) {
        await client.send(new PutItemCommand({ TableName, Item: { ...itemKey(key), id: { S: 'event-1' } } }));
      }
    },
    read: async (key) => {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: itemKey(key), ConsistentRead: true }));
      if (Item === undefined) return 'no marker';
      const note = Item['quarantined']?.M;
      return note && { code: `${note['code']?.S}`, message: `${note['message']?.S}`, at: Number(note['at']?.N) };
    },
    close: () => engine.close(),
  };
});

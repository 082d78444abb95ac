import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Item } from '../../../lib/testing/dynamodb/item.ts';
import { createMovableClock } from '../../../local/clock.ts';
import { createDynamoDb, type DynamoDb } from '../../../local/dynamodb/dynamodb.ts';
import { AwsError } from '../../../local/endpoint/aws-error.ts';
import { type JsonObject, USER } from '../../../local/endpoint/service.ts';

const TableName = 'Orders';

const id = fc.constantFrom('a', 'b', 'c', 'd');
const number = fc.integer({ min: 0, max: 3 }).map(String);

/** One action of a transaction, also usable on its own. */
const action = fc.oneof(
  fc.record({ id, n: number, group: fc.option(fc.constantFrom('x', 'y')) }).map(({ id, n, group }) => ({
    id,
    Put: { Item: { id: { S: id }, n: { N: n }, ...(group === null ? {} : { group: { S: group } }) } },
  })),
  fc.record({ id, n: number }).map(({ id, n }) => ({
    id,
    Update: {
      Key: { id: { S: id } },
      UpdateExpression: 'SET n = :n',
      ConditionExpression: 'attribute_exists(id)',
      ExpressionAttributeValues: { ':n': { N: n } },
    },
  })),
  id.map((id) => ({ id, Delete: { Key: { id: { S: id } } } })),
  fc.record({ id, n: number }).map(({ id, n }) => ({
    id,
    ConditionCheck: {
      Key: { id: { S: id } },
      ConditionExpression: 'attribute_not_exists(id) OR n <> :n',
      ExpressionAttributeValues: { ':n': { N: n } },
    },
  })),
);

const transaction = fc.uniqueArray(action, { selector: (a) => a.id, minLength: 1, maxLength: 4 });

async function openEngine(): Promise<{ engine: DynamoDb; streamArn: string }> {
  const clock = createMovableClock(() => 1_795_154_400_000);
  const engine = createDynamoDb({ clock, region: 'eu-central-1', accountId: '111122223333', log: () => {} });
  const created = await call<{ TableDescription: { LatestStreamArn: string } }>(engine.service, 'CreateTable', {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'group', AttributeType: 'S' },
    ],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'by-group',
        KeySchema: [{ AttributeName: 'group', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
  });
  return { engine, streamArn: created.TableDescription.LatestStreamArn };
}

const call = async <Output>(service: DynamoDb['service'], operation: string, input: JsonObject): Promise<Output> =>
  (await service.handle(operation, input, USER)) as Output;

interface Change {
  readonly eventName: string;
  readonly dynamodb: { readonly Keys: Item; readonly NewImage?: Item; readonly OldImage?: Item };
}

async function changesOf({ streams }: DynamoDb, StreamArn: string): Promise<readonly Change[]> {
  const described = await call<{ StreamDescription: { Shards: { ShardId: string }[] } }>(streams, 'DescribeStream', {
    StreamArn,
  });
  const { ShardIterator } = await call<{ ShardIterator: string }>(streams, 'GetShardIterator', {
    StreamArn,
    ShardId: described.StreamDescription.Shards[0]?.ShardId,
    ShardIteratorType: 'TRIM_HORIZON',
  });
  return (await call<{ Records: Change[] }>(streams, 'GetRecords', { ShardIterator })).Records;
}

const scan = async ({ service }: DynamoDb, more: JsonObject = {}) =>
  (await call<{ Items: Item[] }>(service, 'Scan', { TableName, ...more })).Items;

const byId = (items: Iterable<Item>) => new Map([...items].map((item) => [item['id']?.S, item]));

describe('the stream of a table', () => {
  it('rebuilds the table when it is replayed, and the index holds what the table does', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(transaction, { maxLength: 12 }), async (transactions) => {
        const { engine, streamArn } = await openEngine();
        for (const actions of transactions) {
          const TransactItems = actions.map(({ id: _id, ...kind }) =>
            Object.fromEntries(Object.entries(kind).map(([name, request]) => [name, { TableName, ...request }])),
          );
          await engine.service.handle('TransactWriteItems', { TransactItems }, USER).catch((error: unknown) => {
            if (!(error instanceof AwsError && error.code === 'TransactionCanceledException')) throw error;
          });
        }

        const replayed = new Map<string | undefined, Item>();
        for (const { eventName, dynamodb } of await changesOf(engine, streamArn)) {
          const key = dynamodb.Keys['id']?.S;
          expect(dynamodb.OldImage).toEqual(replayed.get(key));
          if (dynamodb.NewImage === undefined) replayed.delete(key);
          else replayed.set(key, dynamodb.NewImage);
          const expected = dynamodb.NewImage === undefined ? 'REMOVE' : dynamodb.OldImage ? 'MODIFY' : 'INSERT';
          expect(eventName).toBe(expected);
        }
        const items = await scan(engine);
        const grouped = items.filter((item) => item['group'] !== undefined);
        expect(byId(items)).toEqual(replayed);
        expect(byId(await scan(engine, { IndexName: 'by-group' }))).toEqual(byId(grouped));
        await engine.close();
      }),
      { numRuns: 150 },
    );
  });
});

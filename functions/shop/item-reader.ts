import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';

/** Reads one order's item of a service's own table, or undefined. */
export type ItemReader<Item> = (orderId: string) => Promise<Item | undefined>;

/** @param parse what the table holds is checked like any other input */
export const createItemReader =
  <Item>(client: DynamoDBClient, tableName: string, parse: (item: unknown) => Item): ItemReader<Item> =>
  async (orderId) => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tableName, Key: marshall({ orderId }), ConsistentRead: true }),
    );
    return Item === undefined ? undefined : parse(unmarshall(Item));
  };

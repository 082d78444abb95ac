import { type AttributeValue, DescribeTableCommand, type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { type EventTypeKey, OUTBOX_ATTRIBUTES, OUTBOX_TABLE } from '../definitions/index.ts';
import { type Item, keyItem } from '../outbox/index.ts';
import type { GroupScanner } from './ports.ts';

export interface DynamoDbGroupScannerOptions {
  readonly client: DynamoDBClient;
  readonly outboxTableName: string;
}

/** Few enough groups to be replayed in seconds. */
const PAGE_ITEMS = 1_000;

/**
 * Operands of IN. @see
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
const IN_MAX_OPERANDS = 100;

const GROUP = OUTBOX_TABLE.partitionKey.name;
const SEQUENCE = OUTBOX_TABLE.sortKey.name;

/** Scans the outbox table. A consistent scan costs 262,144 read units per GiB, whatever it returns. */
export function createDynamoDbGroupScanner({ client, outboxTableName }: DynamoDbGroupScannerOptions): GroupScanner {
  return {
    async page(types, after) {
      const {
        Items = [],
        LastEvaluatedKey,
        ConsumedCapacity,
      } = await client.send(
        new ScanCommand({
          TableName: outboxTableName,
          // an eventually consistent read could miss an event that was handled before the rebuild started
          ConsistentRead: true,
          Limit: PAGE_ITEMS,
          ReturnConsumedCapacity: 'TOTAL',
          ProjectionExpression: '#group',
          ...filterOf(types),
          ...(after === undefined ? {} : { ExclusiveStartKey: startKeyOf(after) }),
        }),
      );
      return {
        groups: [...new Set(Items.map((item) => item[GROUP]?.S ?? ''))],
        next: LastEvaluatedKey && JSON.stringify([LastEvaluatedKey[GROUP]?.S, LastEvaluatedKey[SEQUENCE]?.N]),
        readUnits: ConsumedCapacity?.CapacityUnits ?? 0,
      };
    },

    async createdAt() {
      const { Table } = await client.send(new DescribeTableCommand({ TableName: outboxTableName }));
      // unknown: assume the oldest possible
      return Table?.CreationDateTime?.getTime() ?? 0;
    },
  };
}

/** Excludes heads, which have no type. With more types than IN accepts, selects all events. */
function filterOf(types: readonly EventTypeKey[]) {
  const names = { '#group': GROUP, '#type': OUTBOX_ATTRIBUTES.type };
  if (types.length > IN_MAX_OPERANDS) {
    return { FilterExpression: 'attribute_exists(#type)', ExpressionAttributeNames: names };
  }
  const values: Record<string, AttributeValue> = {};
  const placeholderOf = (text: string): string => {
    const name = `:v${Object.keys(values).length}`;
    values[name] = { S: text };
    return name;
  };
  const conditions = [...Map.groupBy(types, ({ source }) => source)].map(
    ([source, own]) =>
      `(#source = ${placeholderOf(source)} AND #type IN (${own.map(({ type }) => placeholderOf(type)).join(', ')}))`,
  );
  return {
    FilterExpression: conditions.join(' OR '),
    ExpressionAttributeNames: { ...names, '#source': OUTBOX_ATTRIBUTES.source },
    ExpressionAttributeValues: values,
  };
}

function startKeyOf(after: string): Item {
  const [group, sequence] = JSON.parse(after) as [string, string];
  return keyItem({ group, sequence: Number(sequence) });
}

import { type DynamoDBClient, PutItemCommand, paginateQuery } from '@aws-sdk/client-dynamodb';
import { OPERATOR_TABLE } from '../definitions/index.ts';
import { marshallItem, unmarshallItem } from '../shared/marshalling.ts';
import { assertStoredFormat, STORED_FORMAT } from '../shared/stored-format.ts';
import { addMs, toEpochSeconds, toTimestamp } from '../shared/time.ts';
import type { OperatorTrail, TrailEntry } from './operator-trail.ts';

export interface DynamoDbOperatorTrailOptions {
  readonly client: DynamoDBClient;
  /** The operator table. */
  readonly tableName: string;
  /** Keeps entries of the same millisecond apart. */
  readonly newId: () => string;
}

const TRAIL = 'trail';

/** Thirteen months: the same month of the year before can still be looked at. */
const EXPIRY_MS = 400 * 24 * 60 * 60_000;

/** Operators do a few things a day: one partition takes them. */
export function createDynamoDbOperatorTrail(options: DynamoDbOperatorTrailOptions): OperatorTrail {
  const { client, tableName, newId } = options;
  const { partitionKey, sortKey, timeToLiveAttribute } = OPERATOR_TABLE;
  return {
    async add(entry) {
      const item = {
        ...STORED_FORMAT,
        [partitionKey.name]: TRAIL,
        [sortKey.name]: `${toTimestamp(entry.at)}#${newId()}`,
        [timeToLiveAttribute]: toEpochSeconds(addMs(entry.at, EXPIRY_MS)),
        ...entry,
      };
      await client.send(
        new PutItemCommand({ TableName: tableName, Item: marshallItem(item, 'an entry of the audit trail') }),
      );
    },

    async *since(instant) {
      const pages = paginateQuery(
        { client },
        {
          TableName: tableName,
          KeyConditionExpression: '#id = :trail AND #name >= :since',
          ExpressionAttributeNames: { '#id': partitionKey.name, '#name': sortKey.name },
          ExpressionAttributeValues: { ':trail': { S: TRAIL }, ':since': { S: toTimestamp(instant) } },
          ScanIndexForward: false,
          ConsistentRead: true,
        },
      );
      for await (const { Items = [] } of pages) {
        yield Items.map((item) => {
          assertStoredFormat(item, 'an entry of the audit trail');
          const { at, by, reason, what, to } = unmarshallItem(item) as unknown as TrailEntry;
          return { at, by, reason, what, to };
        });
      }
    },
  };
}

import {
  type DynamoDBClient,
  GetItemCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { OUTBOX_ATTRIBUTES, OUTBOX_TABLE, PENDING_TABLE, type TableSchema } from '../definitions/index.ts';
import { headUpdate, readHead } from './assign-sequences.ts';
import { outcomeOf, type Purpose } from './commit-outcome.ts';
import { headKey, keyItem, markerItem, type NewEventRecord, recordItem } from './event-record.ts';
import type { Item } from './item-size.ts';
import type { GroupHead, HeadMove, OutboxCommit, OutboxStore } from './ports.ts';
import { downgradeUnverified, explainUnverified, type VerifiedMoves } from './unverified-heads.ts';

export interface DynamoDbOutboxStoreOptions {
  readonly client: DynamoDBClient;
  readonly outboxTableName: string;
  readonly pendingTableName: string;
}

interface Action {
  readonly item: TransactWriteItem;
  readonly purpose: Purpose;
}

export function createDynamoDbOutboxStore(options: DynamoDbOutboxStoreOptions): OutboxStore {
  const { client, outboxTableName, pendingTableName } = options;

  const findHead = async (group: string): Promise<[string, GroupHead]> => {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: outboxTableName,
        Key: headKey(group),
        ConsistentRead: true,
        ProjectionExpression: '#last, #lastExpires',
        ExpressionAttributeNames: {
          '#last': OUTBOX_ATTRIBUTES.last,
          '#lastExpires': OUTBOX_ATTRIBUTES.lastExpires,
        },
      }),
    );
    return [group, readHead(Item)];
  };

  /** A separate read, because a used sequence stays used. */
  const isUsed = async ({ group, from }: HeadMove): Promise<boolean> => {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: outboxTableName,
        Key: keyItem({ group, sequence: from }),
        ConsistentRead: true,
        ProjectionExpression: '#group',
        ExpressionAttributeNames: { '#group': OUTBOX_TABLE.partitionKey.name },
      }),
    );
    return Item !== undefined;
  };

  const known = new WeakMap<OutboxCommit, VerifiedMoves>();

  /** Verifies each commit once: DynamoDB rejects a token that is reused with a different request. */
  const verifyHeads = async (commit: OutboxCommit): Promise<VerifiedMoves> => {
    const cached = known.get(commit);
    if (cached !== undefined) return cached;
    const used = new Set<HeadMove>();
    for (const move of commit.heads) {
      if (move.by === 'versions-after-event' && (await isUsed(move))) used.add(move);
    }
    const verified = downgradeUnverified(commit.heads, (move) => used.has(move));
    known.set(commit, verified);
    return verified;
  };

  const putEvent = (event: NewEventRecord): readonly Action[] => {
    const purpose: Purpose = { kind: 'event', event };
    return [
      { item: putIfFree(outboxTableName, OUTBOX_TABLE, recordItem(event)), purpose },
      { item: putIfFree(pendingTableName, PENDING_TABLE, markerItem(event)), purpose },
    ];
  };

  const actionsOf = ({ writes, heads, events }: OutboxCommit): readonly Action[] => [
    ...writes.map((item, index): Action => ({ item, purpose: { kind: 'write', index } })),
    ...heads.map(
      (move): Action => ({
        item: headUpdate(outboxTableName, move),
        purpose: { kind: 'head', group: move.group },
      }),
    ),
    ...events.flatMap(putEvent),
  ];

  return {
    readHeads: async (groups) => new Map(await Promise.all(groups.map(findHead))),

    async commit(commit) {
      const verified = await verifyHeads(commit);
      const actions = actionsOf({ ...commit, heads: verified.heads });
      try {
        await client.send(
          new TransactWriteItemsCommand({
            TransactItems: actions.map(({ item }) => item),
            ClientRequestToken: commit.token,
          }),
        );
        return { kind: 'committed' };
      } catch (error) {
        const purposes = actions.map(({ purpose }) => purpose);
        return explainUnverified(outcomeOf(error, purposes), verified);
      }
    },
  };
}

const putIfFree = (tableName: string, { partitionKey }: TableSchema, item: Item): TransactWriteItem => ({
  Put: {
    TableName: tableName,
    Item: { ...item },
    ConditionExpression: 'attribute_not_exists(#group)',
    ExpressionAttributeNames: { '#group': partitionKey.name },
  },
});

import {
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import {
  BATCH_GET_MAX_KEYS,
  OUTBOX_ATTRIBUTES,
  OUTBOX_TABLE,
  PENDING_TABLE,
  type TableSchema,
} from '../definitions/index.ts';
import { headUpdate, readHead } from './assign-sequences.ts';
import { outcomeOf, type Purpose } from './commit-outcome.ts';
import { headKey, keyItem, keyOf, markerItem, type NewEventRecord, recordItem } from './event-record.ts';
import type { Item } from './item-size.ts';
import type { GroupHead, HeadMove, OutboxCommit, OutboxStore } from './ports.ts';
import { downgradeUnverified, explainUnverified, type VerifiedMoves } from './unverified-heads.ts';

export interface DynamoDbOutboxStoreOptions {
  readonly client: DynamoDBClient;
  readonly outboxTableName: string;
  readonly pendingTableName: string;
  /**
   * Stores an event compressed if that saves a write unit. All code that reads the log must know it by then. @default
   * false
   */
  readonly compressEvents?: boolean;
  /** Whether the log has an index by correlation id. @default false */
  readonly indexCorrelation?: boolean;
}

/** What is read of a head. */
const HEAD = {
  ProjectionExpression: '#group, #last, #lastExpires, #format',
  ExpressionAttributeNames: {
    '#group': OUTBOX_TABLE.partitionKey.name,
    '#last': OUTBOX_ATTRIBUTES.last,
    '#lastExpires': OUTBOX_ATTRIBUTES.lastExpires,
    '#format': 'format',
  },
};

interface Action {
  readonly item: TransactWriteItem;
  readonly purpose: Purpose;
}

export function createDynamoDbOutboxStore(options: DynamoDbOutboxStoreOptions): OutboxStore {
  const { client, outboxTableName, pendingTableName, compressEvents = false, indexCorrelation = false } = options;

  const form = { compress: compressEvents, correlation: indexCorrelation };

  const findHead = async (group: string): Promise<[string, GroupHead]> => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: outboxTableName, Key: headKey(group), ConsistentRead: true, ...HEAD }),
    );
    return [group, readHead(Item)];
  };

  const findHeads = (groups: readonly string[]) => Promise.all(groups.map(findHead));

  /** Up to `BATCH_GET_MAX_KEYS` groups. */
  const findBatch = async (groups: readonly string[]): Promise<readonly [string, GroupHead][]> => {
    try {
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({
          RequestItems: { [outboxTableName]: { Keys: groups.map(headKey), ConsistentRead: true, ...HEAD } },
        }),
      );
      const found = new Map(Responses?.[outboxTableName]?.map((item) => [keyOf(item).group, item]));
      const left = new Set(UnprocessedKeys?.[outboxTableName]?.Keys?.map((key) => keyOf(key).group));
      const read = groups
        .filter((group) => !left.has(group))
        .map((group) => [group, readHead(found.get(group))] as const);
      // GetItem is retried by the SDK if the table is throttled
      return [...read.map(([group, head]): [string, GroupHead] => [group, head]), ...(await findHeads([...left]))];
    } catch (error) {
      // the role is from before this call, during a deployment or in an app that grants by itself
      if ((error as { name?: string }).name === 'AccessDeniedException') return findHeads(groups);
      throw error;
    }
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
      { item: putIfFree(outboxTableName, OUTBOX_TABLE, recordItem(event, form)), purpose },
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
    async readHeads(groups) {
      if (groups.length === 1) return new Map(await findHeads(groups));
      const heads = new Map<string, GroupHead>();
      for (let start = 0; start < groups.length; start += BATCH_GET_MAX_KEYS) {
        for (const [group, head] of await findBatch(groups.slice(start, start + BATCH_GET_MAX_KEYS)))
          heads.set(group, head);
      }
      return heads;
    },

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

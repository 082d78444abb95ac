import {
  type CancellationReason,
  type DynamoDBClient,
  GetItemCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { OUTBOX_ATTRIBUTES, OUTBOX_KIND, OUTBOX_TABLE, PENDING_TABLE } from '../contracts/index.ts';
import type { EpochSeconds } from '../shared/time.ts';
import { headKey, logItem, pendingItem } from './outbox-items.ts';
import type { CommitOutcome, GroupHead, HeadMove, OutboxStore, StoredEvent } from './ports.ts';

export interface DynamoDbOutboxStoreOptions {
  readonly client: DynamoDBClient;
  readonly outboxTableName: string;
  readonly pendingTableName: string;
}

/** What each action of the transaction is for, in their order. */
type Purpose =
  | { readonly kind: 'write'; readonly index: number }
  | { readonly kind: 'head' }
  | { readonly kind: 'event'; readonly event: StoredEvent };

export function createDynamoDbOutboxStore(options: DynamoDbOutboxStoreOptions): OutboxStore {
  const { client, outboxTableName, pendingTableName } = options;

  const readHead = async (group: string): Promise<[string, GroupHead]> => {
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
    const last = Number(Item?.[OUTBOX_ATTRIBUTES.last]?.N ?? 0);
    const lastExpires = Item?.[OUTBOX_ATTRIBUTES.lastExpires]?.N;
    return [group, lastExpires === undefined ? { last } : { last, lastExpires: Number(lastExpires) as EpochSeconds }];
  };

  const moveHead = ({ group, from, to, lastExpires }: HeadMove): TransactWriteItem => ({
    Update: {
      TableName: outboxTableName,
      Key: headKey(group),
      UpdateExpression: `SET #last = :to, #kind = :head${lastExpires === undefined ? '' : ', #lastExpires = :lastExpires'}`,
      ConditionExpression: from === 0 ? 'attribute_not_exists(#last)' : '#last = :from',
      ExpressionAttributeNames: {
        '#last': OUTBOX_ATTRIBUTES.last,
        ...(lastExpires === undefined ? {} : { '#lastExpires': OUTBOX_ATTRIBUTES.lastExpires }),
        '#kind': OUTBOX_ATTRIBUTES.kind,
      },
      ExpressionAttributeValues: {
        ':to': { N: String(to) },
        ...(lastExpires === undefined ? {} : { ':lastExpires': { N: String(lastExpires) } }),
        ':head': { S: OUTBOX_KIND.head },
        ...(from === 0 ? {} : { ':from': { N: String(from) } }),
      },
    },
  });

  const putEvent = (event: StoredEvent): TransactWriteItem => ({
    Put: {
      TableName: outboxTableName,
      Item: { ...logItem(event) },
      ConditionExpression: 'attribute_not_exists(#group)',
      ExpressionAttributeNames: { '#group': OUTBOX_TABLE.partitionKey.name },
    },
  });

  const putMarker = (event: StoredEvent): TransactWriteItem => ({
    Put: {
      TableName: pendingTableName,
      Item: { ...pendingItem(event) },
      ConditionExpression: 'attribute_not_exists(#group)',
      ExpressionAttributeNames: { '#group': PENDING_TABLE.partitionKey.name },
    },
  });

  return {
    readHeads: async (groups) => new Map(await Promise.all(groups.map(readHead))),

    async commit(commit) {
      const actions: { item: TransactWriteItem; purpose: Purpose }[] = [
        ...commit.writes.map((item, index) => ({ item, purpose: { kind: 'write', index } as const })),
        ...commit.heads.map((head) => ({ item: moveHead(head), purpose: { kind: 'head' } as const })),
        ...commit.events.flatMap((event) => {
          const purpose = { kind: 'event', event } as const;
          return [
            { item: putEvent(event), purpose },
            { item: putMarker(event), purpose },
          ];
        }),
      ];
      try {
        await client.send(
          new TransactWriteItemsCommand({
            TransactItems: actions.map(({ item }) => item),
            ClientRequestToken: commit.token,
          }),
        );
        return { kind: 'committed' };
      } catch (error) {
        return outcomeOf(
          error,
          actions.map(({ purpose }) => purpose),
        );
      }
    },
  };
}

/** Reasons that pass by themselves. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const PASSING_REASONS = new Set(['TransactionConflict', 'ThrottlingError', 'ProvisionedThroughputExceeded']);

function outcomeOf(error: unknown, purposes: readonly Purpose[]): CommitOutcome {
  const { name, CancellationReasons } = error as { name?: string; CancellationReasons?: CancellationReason[] };
  if (name === 'TransactionInProgressException') return { kind: 'in-progress' };
  if (name !== 'TransactionCanceledException' || CancellationReasons === undefined) throw error;

  const reasons = CancellationReasons.flatMap((reason, place) => {
    const purpose = purposes[place];
    return purpose === undefined || reason.Code === undefined || reason.Code === 'None' ? [] : [{ reason, purpose }];
  });
  const failedWrite = reasons.find(({ reason, purpose }) => purpose.kind === 'write' && isCondition(reason));
  if (failedWrite?.purpose.kind === 'write') {
    return { kind: 'condition-failed', index: failedWrite.purpose.index, item: failedWrite.reason.Item };
  }
  if (reasons.some(({ reason, purpose }) => purpose.kind === 'head' && isCondition(reason))) {
    return { kind: 'head-moved' };
  }
  for (const { reason, purpose } of reasons) {
    if (purpose.kind === 'event' && isCondition(reason)) return { kind: 'sequence-taken', event: purpose.event };
  }
  for (const { reason, purpose } of reasons) {
    if (purpose.kind === 'write' && !PASSING_REASONS.has(reason.Code ?? '')) {
      return {
        kind: 'write-refused',
        index: purpose.index,
        code: reason.Code ?? '',
        message: reason.Message ?? 'no message',
      };
    }
  }
  const passing = reasons.find(({ reason }) => PASSING_REASONS.has(reason.Code ?? ''));
  if (passing === undefined) throw error;
  return { kind: 'conflict', reason: passing.reason.Code ?? '' };
}

const isCondition = (reason: CancellationReason) => reason.Code === 'ConditionalCheckFailed';

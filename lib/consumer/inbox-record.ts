import { createHash } from 'node:crypto';
import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { INBOX_TABLE } from '../definitions/index.ts';
import type { GuardedWrite } from '../outbox/index.ts';
import type { EpochMs, EpochSeconds } from '../shared/time.ts';
import type { EventIdentity, InboxRecord, InboxRecords } from './ports.ts';

/** Powertools' default is md5, which FIPS endpoints do not support. */
export const INBOX_HASH = 'sha256';

/** The hashed identity. A replay in a later generation counts as a different event. */
export const hashedIdentity = ({ source, id, generation = 0 }: EventIdentity): readonly (string | number)[] =>
  generation === 0 ? [source, id] : [source, id, generation];

/**
 * Key of an event's record in the inbox table, as Powertools creates it.
 * @see https://docs.aws.amazon.com/powertools/typescript/latest/features/idempotency/
 */
export const inboxRecordKey = (consumer: string, event: EventIdentity): string =>
  `${consumer}#${createHash(INBOX_HASH)
    .update(JSON.stringify(hashedIdentity(event)))
    .digest('base64')}`;

type Key = Record<string, AttributeValue>;

export const recordKeyOf = (recordKey: string): Key => ({ [INBOX_TABLE.partitionKey.name]: { S: recordKey } });

/** True while the record is in progress and claimed by this execution. */
const OURS_IN_PROGRESS = '#status = :inProgress AND #inProgressUntil = :ours';

const oursInProgress = (inProgressUntil: EpochMs) => ({
  ExpressionAttributeNames: { '#status': 'status', '#inProgressUntil': 'in_progress_expiration' },
  ExpressionAttributeValues: { ':inProgress': { S: 'INPROGRESS' }, ':ours': { N: String(inProgressUntil) } },
});

/** Completes the record as Powertools would, on condition that this execution still owns it. */
export function completionOf(
  tableName: string,
  recordKey: string,
  inProgressUntil: EpochMs,
  expiration: EpochSeconds,
): TransactWriteItem {
  const { ExpressionAttributeNames, ExpressionAttributeValues } = oursInProgress(inProgressUntil);
  return {
    Update: {
      TableName: tableName,
      Key: recordKeyOf(recordKey),
      UpdateExpression: 'SET #status = :completed, #expiration = :expiration',
      ConditionExpression: OURS_IN_PROGRESS,
      ExpressionAttributeNames: { ...ExpressionAttributeNames, '#expiration': INBOX_TABLE.timeToLiveAttribute },
      ExpressionAttributeValues: {
        ...ExpressionAttributeValues,
        ':completed': { S: 'COMPLETED' },
        ':expiration': { N: String(expiration) },
      },
    },
  };
}

/** Attribute of the record of an event that was skipped: why. */
const SKIPPED = 'skipped';

const SKIP_REASON_MAX_CHARACTERS = 500;

/** The same completion, which also says that the event was skipped, and why. */
export function skippedCompletion({ write, refused }: GuardedWrite, reason: string): GuardedWrite {
  const { Put, Update, ...others } = write;
  const why = { S: reason.slice(0, SKIP_REASON_MAX_CHARACTERS).toWellFormed() };
  return {
    write: {
      ...others,
      ...(Put && { Put: { ...Put, Item: { ...Put.Item, [SKIPPED]: why } } }),
      ...(Update && {
        Update: {
          ...Update,
          UpdateExpression: `${Update.UpdateExpression}, #skipped = :skipped`,
          ExpressionAttributeNames: { ...Update.ExpressionAttributeNames, '#skipped': SKIPPED },
          ExpressionAttributeValues: { ...Update.ExpressionAttributeValues, ':skipped': why },
        },
      }),
    },
    refused,
  };
}

/** Where a claim is given up. */
const ENDED = 0;

/**
 * Ends the claim of this execution, so that another one need not wait for its end. A refusal returns the existing record.
 * Needs no right to delete records.
 */
export function claimEnd(tableName: string, recordKey: string, inProgressUntil: EpochMs) {
  const { ExpressionAttributeNames, ExpressionAttributeValues } = oursInProgress(inProgressUntil);
  return {
    TableName: tableName,
    Key: recordKeyOf(recordKey),
    UpdateExpression: 'SET #inProgressUntil = :ended',
    ConditionExpression: OURS_IN_PROGRESS,
    ExpressionAttributeNames,
    ExpressionAttributeValues: { ...ExpressionAttributeValues, ':ended': { N: String(ENDED) } },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
  };
}

/**
 * Puts the record as completed, on Powertools' own condition for a claim: there is none, it has expired, or it is in
 * progress and its claim has ended. A refusal returns the existing record.
 */
export function completedPut(
  tableName: string,
  recordKey: string,
  { now, expiration }: { readonly now: EpochMs; readonly expiration: EpochSeconds },
): TransactWriteItem {
  return {
    Put: {
      TableName: tableName,
      Item: {
        ...recordKeyOf(recordKey),
        status: { S: 'COMPLETED' },
        [INBOX_TABLE.timeToLiveAttribute]: { N: String(expiration) },
      },
      ConditionExpression:
        'attribute_not_exists(#id) OR #expiration < :now OR (#status = :inProgress AND attribute_exists(#inProgressUntil) AND #inProgressUntil < :nowMs)',
      ExpressionAttributeNames: {
        '#id': INBOX_TABLE.partitionKey.name,
        '#expiration': INBOX_TABLE.timeToLiveAttribute,
        '#status': 'status',
        '#inProgressUntil': 'in_progress_expiration',
      },
      ExpressionAttributeValues: {
        ':now': { N: String(now / 1000) },
        ':nowMs': { N: String(now) },
        ':inProgress': { S: 'INPROGRESS' },
      },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}

/** Reads a record; undefined for a claim that was given up. The completion time is derived from the expiry. */
export function readInboxRecord(
  item: Readonly<Record<string, AttributeValue>>,
  expirySeconds: number,
): InboxRecord | undefined {
  if (item['status']?.S === 'COMPLETED') {
    const expiration = Number(item[INBOX_TABLE.timeToLiveAttribute]?.N);
    const skipped = item[SKIPPED]?.S;
    const at = ((expiration - expirySeconds) * 1000) as EpochMs;
    return { status: 'completed', at, ...(skipped === undefined ? {} : { skipped }) };
  }
  const until = Number(item['in_progress_expiration']?.N) as EpochMs;
  return item['status']?.S === 'INPROGRESS' && until !== ENDED ? { status: 'in-progress', until } : undefined;
}

export interface DynamoDbInboxRecordsOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly consumer: string;
  /** How long the consumer keeps the record of a handled event. */
  readonly expirySeconds: number;
}

export function createDynamoDbInboxRecords(options: DynamoDbInboxRecordsOptions): InboxRecords {
  const { client, tableName, consumer, expirySeconds } = options;
  return {
    async find(event) {
      const Key = recordKeyOf(inboxRecordKey(consumer, event));
      const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key, ConsistentRead: true }));
      return Item && readInboxRecord(Item, expirySeconds);
    },
  };
}

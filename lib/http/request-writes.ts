import type { AttributeValue, Delete, Put, TransactWriteItem, Update } from '@aws-sdk/client-dynamodb';
import { HTTP_REQUESTS_TABLE } from '../definitions/index.ts';
import { assertStoredFormat, STORED_FORMAT_VALUE } from '../shared/stored-format.ts';
import type { EpochMs } from '../shared/time.ts';
import type { ClaimOutcome, ClientUsage, HttpAnswer, RequestClaim, RequestRecords } from './ports.ts';

type Item = Readonly<Record<string, AttributeValue>>;

const { partitionKey, timeToLiveAttribute } = HTTP_REQUESTS_TABLE;

export const requestKey = (id: string): Record<string, AttributeValue> => ({ [partitionKey.name]: { S: id } });

/** Claims a request that nobody has claimed, or whose claim or record has ended. */
export const claimWrite = (
  tableName: string,
  { id, fingerprint, owner, heldUntil, now, expires }: RequestClaim,
): Put => ({
  TableName: tableName,
  Item: {
    ...requestKey(id),
    ...STORED_FORMAT_VALUE,
    status: { S: 'INPROGRESS' },
    fingerprint: { S: fingerprint },
    owner: { S: owner },
    heldUntil: { N: String(heldUntil) },
    [timeToLiveAttribute]: { N: String(expires) },
  },
  ConditionExpression:
    'attribute_not_exists(#id) OR #expires < :nowSeconds OR (#status = :inProgress AND #heldUntil < :now)',
  ExpressionAttributeNames: {
    '#id': partitionKey.name,
    '#status': 'status',
    '#heldUntil': 'heldUntil',
    '#expires': timeToLiveAttribute,
  },
  ExpressionAttributeValues: {
    ':inProgress': { S: 'INPROGRESS' },
    ':now': { N: String(now) },
    ':nowSeconds': { N: String(Math.floor(now / 1000)) },
  },
  ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
});

/** True while the request is in progress and claimed by this execution. */
const OURS = '#status = :inProgress AND #owner = :owner';
const OURS_NAMES = { '#status': 'status', '#owner': 'owner' };
const oursValues = (owner: string) => ({ ':inProgress': { S: 'INPROGRESS' }, ':owner': { S: owner } });

export const releaseWrite = (tableName: string, { id, owner }: Pick<RequestClaim, 'id' | 'owner'>): Delete => ({
  TableName: tableName,
  Key: requestKey(id),
  ConditionExpression: OURS,
  ExpressionAttributeNames: OURS_NAMES,
  ExpressionAttributeValues: oursValues(owner),
});

export const completionWrite = (
  tableName: string,
  { id, owner, expires }: Parameters<RequestRecords['completion']>[0],
  answer: HttpAnswer,
): TransactWriteItem => ({
  Update: {
    TableName: tableName,
    Key: requestKey(id),
    UpdateExpression: 'SET #status = :completed, #answer = :answer, #expires = :expires',
    ConditionExpression: OURS,
    ExpressionAttributeNames: { ...OURS_NAMES, '#answer': 'answer', '#expires': timeToLiveAttribute },
    ExpressionAttributeValues: {
      ...oursValues(owner),
      ':completed': { S: 'COMPLETED' },
      ':answer': { S: JSON.stringify(answer) },
      ':expires': { N: String(expires) },
    },
  },
});

/** What a refused claim has met. */
export function metBy(owner: string, item: Item): ClaimOutcome {
  // the SDK repeats a request whose answer was lost: the claim that it meets is its own
  return item['owner']?.S === owner ? { kind: 'claimed' } : readRecord(item);
}

/**
 * A record of either status.
 * @throws StoredFormatError `STORED_FORMAT_UNKNOWN` for one that a newer release wrote
 */
export function readRecord(item: Item): Exclude<ClaimOutcome, { kind: 'claimed' }> {
  assertStoredFormat(item, 'the record of a request under an idempotency key');
  const fingerprint = item['fingerprint']?.S ?? '';
  return item['status']?.S === 'COMPLETED'
    ? { kind: 'completed', fingerprint, answer: JSON.parse(item['answer']?.S ?? '') }
    : { kind: 'in-progress', fingerprint, until: Number(item['heldUntil']?.N) as EpochMs };
}

export const leaseWrite = (
  tableName: string,
  { id, lease, limit, expires }: Parameters<ClientUsage['lease']>[0],
): Update => ({
  TableName: tableName,
  Key: requestKey(id),
  UpdateExpression: 'ADD #used :lease SET #expires = :expires',
  ConditionExpression: 'attribute_not_exists(#used) OR #used < :limit',
  ExpressionAttributeNames: { '#used': 'used', '#expires': timeToLiveAttribute },
  ExpressionAttributeValues: {
    ':lease': { N: String(lease) },
    ':limit': { N: String(limit) },
    ':expires': { N: String(expires) },
  },
});

/** How many of a lease were granted, by what is used since: the last lease may go beyond the limit. */
export const grantedOf = (
  { lease, limit }: Pick<Parameters<ClientUsage['lease']>[0], 'lease' | 'limit'>,
  item: Item | undefined,
): number => Math.min(lease, limit - (Number(item?.['used']?.N) - lease));

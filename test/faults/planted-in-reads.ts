import { HEAD_SEQUENCE, OUTBOX_TABLE } from '../../lib/contracts/index.ts';
import { TABLES } from './consumer-in.ts';
import type { Planted } from './planted.ts';
import { type DynamoDbRequest, keysByTable, type RequestInput } from './services/dynamodb-requests.ts';

/** Requests of this kind are sent without `ConsistentRead`. */
const eventually = (isMeant: (request: DynamoDbRequest) => boolean): Planted => ({
  kinds: ['stale read', 'bus delays', 'bus duplicates'],
  request: (request) =>
    isMeant(request) ? { operation: request.operation, input: withoutConsistency(request.input) } : request,
});

const withoutConsistency = ({ ConsistentRead: _, ...input }: RequestInput): RequestInput => ({
  ...input,
  ...(input.RequestItems !== undefined && {
    RequestItems: Object.fromEntries(keysByTable(input).map(([table, { Keys }]) => [table, { Keys }])),
  }),
});

const isGet = (table: string, { operation, input }: DynamoDbRequest) =>
  operation === 'GetItem' && input.TableName === table;

const isBatchGet = (table: string, { operation, input }: DynamoDbRequest) =>
  operation === 'BatchGetItem' && keysByTable(input).some(([name]) => name === table);

const isOfHead = ({ input }: DynamoDbRequest) => Number(input.Key?.[OUTBOX_TABLE.sortKey.name]?.N) === HEAD_SEQUENCE;

/** `ConsistentRead` left out of one kind of read. */
export const PLANTED_IN_READS: Readonly<Record<string, Planted>> = {
  'the head of a group is not read consistently': eventually(
    (request) => isGet(TABLES.outbox, request) && isOfHead(request),
  ),
  'cursors are not read consistently': eventually((request) => isBatchGet(TABLES.cursors, request)),
  'the memory of the inbox is not read consistently': eventually((request) => isGet(TABLES.inbox, request)),
};

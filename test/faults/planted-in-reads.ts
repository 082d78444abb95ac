import { HEAD_SEQUENCE, OUTBOX_TABLE } from '../../lib/definitions/index.ts';
import { TABLES } from './consumer-in.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { Planted } from './planted.ts';
import { type DynamoDbRequest, keysByTable, type RequestInput } from './services/dynamodb-requests.ts';

/** Requests of this kind are sent without `ConsistentRead`. */
const eventually = (isMeant: (request: DynamoDbRequest) => boolean, kinds: readonly FaultKind[]): Planted => ({
  kinds: ['stale read', ...kinds],
  tempers: [],
  operations: [],
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
    [],
  ),
  'the log is not read consistently': {
    ...eventually(({ operation, input }) => operation === 'Query' && input.TableName === TABLES.outbox, ['bus delays']),
    strictOnly: true,
  },
  'cursors are not read consistently': {
    ...eventually((request) => isBatchGet(TABLES.cursors, request), ['bus delays', 'bus duplicates']),
    strictOnly: true,
  },
  'the memory of the inbox is not read consistently': {
    ...eventually((request) => isGet(TABLES.inbox, request), ['bus duplicates', 'answer lost', 'received again']),
    strictOnly: true,
  },
  'the sweeper does not read the log consistently': {
    ...eventually((request) => isBatchGet(TABLES.outbox, request), ['stream trimmed']),
    operations: ['sweep'],
  },
};

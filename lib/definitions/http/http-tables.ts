import type { TableSchema } from '../tables.ts';

/** What an HTTP API remembers of requests: answers under idempotency keys, and how much each client has used. */
export const HTTP_REQUESTS_TABLE = {
  partitionKey: { name: 'id', type: 'S' },
  timeToLiveAttribute: 'expiration',
} as const satisfies TableSchema;

/** Work that goes on after its request was answered. */
export const OPERATIONS_TABLE = {
  partitionKey: { name: 'operationId', type: 'S' },
  timeToLiveAttribute: 'expires',
} as const satisfies TableSchema;

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { defineRoute, type RouteProps, shown } from '../definitions/index.ts';
import type { EventPrincipal } from '../event/index.ts';
import type { UnitOfWork } from '../outbox/index.ts';
import { assertStoredFormat, STORED_FORMAT } from '../shared/stored-format.ts';
import { addMs, type Clock, toEpochSeconds, toTimestamp } from '../shared/time.ts';
import * as z from '../shared/zod.ts';
import type { TenantTable } from '../tenancy/index.ts';

/** Work that goes on after its request was answered, as it is answered. */
export type OperationStatus = {
  readonly operationId: string;
  /** What is done: `place-order`. */
  readonly kind: string;
  readonly status: 'running' | 'succeeded' | 'failed';
  /** Where the result is: `/orders/1042`. */
  readonly resource?: string | undefined;
  /** Why it has failed, by a code that programs decide by. */
  readonly problem?: { readonly code: string; readonly title: string } | undefined;
  readonly startedAt: string;
  readonly finishedAt?: string | undefined;
};

/** As it is stored. */
export type Operation = OperationStatus & {
  /** Who asked for it, for audits; absent if its command's context names nobody. Callers are not told. */
  readonly startedBy?: EventPrincipal | undefined;
  /** Epoch seconds. */
  readonly expires: number;
  /** Of the item; absent in those of earlier releases. */
  readonly format?: number | undefined;
};

const status = z.object({
  operationId: z.string(),
  kind: z.string(),
  status: z.enum(['running', 'succeeded', 'failed']),
  resource: z.optional(z.string()),
  problem: z.optional(z.object({ code: z.string(), title: z.string() })),
  startedAt: z.string(),
  finishedAt: z.optional(z.string()),
});

const answerSchema: StandardSchemaV1<OperationStatus> = status;

const stored = z.extend(status, {
  startedBy: z.optional(z.object({ type: z.string(), id: z.optional(z.string()) })),
  expires: z.number(),
  format: z.optional(z.number()),
});

/**
 * Of the items of `OPERATIONS_TABLE`.
 * @throws StoredFormatError `STORED_FORMAT_UNKNOWN` for one that a newer release wrote
 */
export const operationSchema: StandardSchemaV1<Operation> = {
  '~standard': {
    version: 1,
    vendor: 'waybill',
    validate(item) {
      assertStoredFormat({ ...Object(item) }, `operation ${shown(Object(item).operationId)}`);
      return stored['~standard'].validate(item) as StandardSchemaV1.Result<Operation>;
    },
  },
};

const ANSWERS = { 200: { description: 'How far it is', schema: answerSchema } } as const;
const PROBLEMS = { OPERATION_NOT_FOUND: { status: 404, title: 'There is no such operation' } } as const;

/**
 * The route of operations: `GET /operations/{operationId}`.
 * @param scopes of which the caller needs one
 */
export const operationRoute = <const Scopes extends RouteProps['scopes']>(scopes: Scopes) =>
  defineRoute({
    key: 'GET /operations/{operationId}',
    summary: 'Says how far an operation is',
    scopes,
    answers: ANSWERS,
    problems: PROBLEMS,
  });

export interface OperationsOptions {
  /** Of `OPERATIONS_TABLE` and `operationSchema`. */
  readonly table: TenantTable<Operation>;
  readonly clock: Clock;
  /** How long an operation can be asked for. @default 7 */
  readonly keptDays?: number;
}

export interface Operations {
  /**
   * Writes a running operation with its command.
   * @param operationId such as the id of what is made: events that carry it finish the operation
   * @returns the path for the header `location` of a 202
   */
  start(tx: UnitOfWork, operationId: string, kind: string): string;
  /** Finishes an operation with the work that its event causes. One that has finished, or is unknown, stays as it is. */
  succeed(tx: UnitOfWork, operationId: string, resource?: string): Promise<void>;
  fail(tx: UnitOfWork, operationId: string, problem: NonNullable<Operation['problem']>): Promise<void>;
  /** Answers the operation's route; undefined if there is none. */
  find(operationId: string): Promise<OperationStatus | undefined>;
}

const DAY_MS = 86_400_000;

/**
 * Keeps operations: started with a command, finished by a consumer.
 *
 * @example
 * // in the handler of POST /orders
 * const location = operations.start(tx, orderId, 'place-order');
 * return { status: 202, body: { orderId }, headers: { location } };
 *
 * @example
 * // in a consumer
 * 'com.example.order.confirmed': ({ data }, { tx }) => operations.succeed(tx, data.orderId, `/orders/${data.orderId}`),
 */
export function createOperations({ table, clock, keptDays = 7 }: OperationsOptions): Operations {
  const finish = async (
    tx: UnitOfWork,
    operationId: string,
    result: Pick<Operation, 'status' | 'resource' | 'problem'>,
  ): Promise<void> => {
    const operation = await table.get({ operationId });
    if (operation?.status !== 'running') return;
    table.within(tx).put({
      Item: { ...operation, ...result, finishedAt: toTimestamp(clock.now()) },
      // another event may finish it in the meantime: then the handler runs again, and leaves it
      ConditionExpression: '#status = :running',
      ExpressionAttributeNames: { '#status': 'status' },
      ExpressionAttributeValues: { ':running': 'running' },
    });
  };

  return {
    start(tx, operationId, kind) {
      const now = clock.now();
      const { principal: startedBy } = tx.origin();
      table.within(tx).put({
        Item: {
          operationId,
          kind,
          status: 'running',
          startedAt: toTimestamp(now),
          ...(startedBy === undefined ? {} : { startedBy }),
          expires: toEpochSeconds(addMs(now, keptDays * DAY_MS)),
          ...STORED_FORMAT,
        },
        ConditionExpression: 'attribute_not_exists(operationId)',
      });
      return `/operations/${encodeURIComponent(operationId)}`;
    },
    succeed: (tx, operationId, resource) =>
      finish(tx, operationId, { status: 'succeeded', ...(resource === undefined ? {} : { resource }) }),
    fail: (tx, operationId, problem) => finish(tx, operationId, { status: 'failed', problem }),
    async find(operationId) {
      const operation = await table.get({ operationId });
      if (operation === undefined || operation.expires * 1000 < clock.now()) return undefined;
      const { expires: _, startedBy: __, format: ___, ...told } = operation;
      return told;
    },
  };
}

import { describe, expect, it } from 'vitest';
import { defineApi, HTTP_REQUESTS_TABLE, OPERATIONS_TABLE } from '../../../lib/definitions/index.ts';
import { createApiHandler } from '../../../lib/http/index.ts';
import { createOperations, type Operation, operationRoute, operationSchema } from '../../../lib/http/operations.ts';
import { unmarshallItem } from '../../../lib/shared/marshalling.ts';
import { createTenancy, createTenantTable, parserOf } from '../../../lib/tenancy/index.ts';
import {
  createInMemoryClientUsage,
  createInMemoryRequestRecords,
} from '../../../lib/testing/in-memory-request-records.ts';
import { createInMemoryTableStore } from '../../../lib/testing/in-memory-table-store.ts';
import { createSilentLogger, createSilentMetrics } from '../../../lib/testing/index.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { createTestOutbox } from '../../fixtures/outbox.ts';
import { eventOf } from './api-rig.ts';

function createRig() {
  const { outbox, tables, clock } = createTestOutbox({ operations: OPERATIONS_TABLE, requests: HTTP_REQUESTS_TABLE });
  const tenancy = createTenancy({ mode: 'none', audit: { crossTenantWork: () => undefined } });
  const table = createTenantTable<Operation>({
    store: createInMemoryTableStore(tables),
    outbox,
    tenancy,
    tableName: 'operations',
    schema: OPERATIONS_TABLE,
    parse: parserOf('operations', operationSchema),
  });
  const operations = createOperations({ table, clock });
  const definition = defineApi({ name: 'orders', version: '1', routes: [operationRoute(['orders:read'])] });
  const handler = createApiHandler(
    definition,
    {
      async 'GET /operations/{operationId}'({ params }, { problem }) {
        const operation = await operations.find(params.operationId);
        if (operation === undefined) throw problem('OPERATION_NOT_FOUND');
        return { status: 200, body: operation };
      },
    },
    {
      outbox,
      requests: createInMemoryRequestRecords({ tables, tableName: 'requests' }),
      usage: createInMemoryClientUsage({ tables, tableName: 'requests' }),
      tenancy,
      logger: createSilentLogger('orders'),
      metrics: createSilentMetrics('orders'),
      clock,
      newToken: () => 'token',
      newCorrelationId: () => 'correlation',
      tenantClaim: 'tenant',
    },
  );
  const ask = async (operationId: string) => {
    const { statusCode, body = '' } = await handler(
      eventOf('GET /operations/{operationId}', { params: { operationId } }),
      lambdaContext(),
    );
    return { status: statusCode, json: JSON.parse(body) };
  };
  return {
    operations,
    outbox,
    clock,
    ask,
    stored: () => tables.items('operations').map(unmarshallItem),
    put: (Item: Record<string, unknown>) => outbox.transact((tx) => tx.put({ TableName: 'operations', Item })),
  };
}

describe('an operation', () => {
  it('runs from its command to the event that finishes it', async () => {
    const { operations, outbox, clock, ask } = createRig();
    const { value } = await outbox.transact((tx) => operations.start(tx, '1042', 'place-order'));

    expect(value).toBe('/operations/1042');
    expect(await ask('1042')).toStrictEqual({
      status: 200,
      json: {
        operationId: '1042',
        kind: 'place-order',
        status: 'running',
        startedAt: '2026-11-20T06:00:00.000Z',
      },
    });
    clock.advance(5_000);
    await outbox.transact((tx) => operations.succeed(tx, '1042', '/orders/1042'));
    expect(await ask('1042')).toMatchObject({
      json: { status: 'succeeded', resource: '/orders/1042', finishedAt: '2026-11-20T06:00:05.000Z' },
    });
  });

  it('keeps its first end', async () => {
    const { operations, outbox, ask } = createRig();
    await outbox.transact((tx) => operations.start(tx, '1042', 'place-order'));
    const problem = { code: 'PAYMENT_DECLINED', title: 'The payment was declined' };
    await outbox.transact((tx) => operations.fail(tx, '1042', problem));
    await outbox.transact((tx) => operations.succeed(tx, '1042'));

    expect(await ask('1042')).toMatchObject({ json: { status: 'failed', problem } });
  });

  it('loses a race against another event, so that the handler runs again', async () => {
    const { operations, outbox } = createRig();
    await outbox.transact((tx) => operations.start(tx, '1042', 'place-order'));

    await expect(
      outbox.transact(async (tx) => {
        await operations.succeed(tx, '1042');
        await outbox.transact((other) => operations.succeed(other, '1042'));
      }),
    ).rejects.toMatchObject({ code: 'OUTBOX_CONDITION_FAILED', disposition: 'lost-race' });
  });

  it('keeps who asked for it, and does not tell', async () => {
    const { operations, outbox, stored, ask } = createRig();
    const principal = { type: 'app_user', id: 'user-7' };
    await outbox.transact((tx) => operations.start(tx, '1042', 'place-order'), { principal });
    await outbox.transact((tx) => operations.succeed(tx, '1042'));

    expect(stored()).toMatchObject([{ operationId: '1042', startedBy: principal, format: 1 }]);
    expect(await ask('1042')).toStrictEqual({
      status: 200,
      json: {
        operationId: '1042',
        kind: 'place-order',
        status: 'succeeded',
        startedAt: '2026-11-20T06:00:00.000Z',
        finishedAt: '2026-11-20T06:00:00.000Z',
      },
    });
  });

  it('of an earlier release, without a format, goes on', async () => {
    const { operations, outbox, put, ask } = createRig();
    await put({ operationId: '1042', kind: 'place-order', status: 'running', startedAt: 'then', expires: 9e9 });
    await outbox.transact((tx) => operations.succeed(tx, '1042'));

    expect(await ask('1042')).toMatchObject({ status: 200, json: { status: 'succeeded' } });
  });

  it('of a newer release is refused: its event waits, its caller may try again, and it stays as it is', async () => {
    const { operations, outbox, put, stored, ask } = createRig();
    const newer = { operationId: '1042', kind: 'place-order', status: 'paused', format: 2 };
    await put(newer);

    await expect(outbox.transact((tx) => operations.succeed(tx, '1042'))).rejects.toMatchObject({
      code: 'STORED_FORMAT_UNKNOWN',
      disposition: 'defer',
    });
    expect(await ask('1042')).toMatchObject({ status: 503, json: { code: 'UNAVAILABLE' } });
    expect(stored()).toStrictEqual([newer]);
  });

  it('is not started twice, and unknown without a start or after seven days', async () => {
    const { operations, outbox, clock, ask } = createRig();
    await outbox.transact((tx) => operations.start(tx, '1042', 'place-order'));

    await expect(outbox.transact((tx) => operations.start(tx, '1042', 'place-order'))).rejects.toMatchObject({
      code: 'OUTBOX_CONDITION_FAILED',
    });
    await outbox.transact((tx) => operations.succeed(tx, '7'));
    expect(await ask('7')).toMatchObject({ status: 404, json: { code: 'OPERATION_NOT_FOUND' } });
    clock.advance(7 * 86_400_000 + 1_000);
    expect(await ask('1042')).toMatchObject({ status: 404 });
  });
});

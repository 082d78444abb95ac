import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { HTTP_REQUESTS_TABLE, type TenancyMode } from '../../../lib/definitions/index.ts';
import { type ApiDeps, type ApiEvent, type ClientUsage, createApiHandler } from '../../../lib/http/index.ts';
import { createOutbox, type OutboxCommit, type OutboxStore } from '../../../lib/outbox/index.ts';
import { createTenancy, createTenantTable } from '../../../lib/tenancy/index.ts';
import { createInMemoryOutboxStore } from '../../../lib/testing/in-memory-outbox-store.ts';
import {
  createInMemoryClientUsage,
  createInMemoryRequestRecords,
} from '../../../lib/testing/in-memory-request-records.ts';
import { createInMemoryTableStore } from '../../../lib/testing/in-memory-table-store.ts';
import { createInMemoryTables, createSilentLogger, createSilentMetrics } from '../../../lib/testing/index.ts';
import { createCountingIds, createTestClock } from '../../fixtures/event-maker.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { createOrderHandlers, ORDERS_TABLE, type Order, orderSchema, ordersApi } from './orders-app.ts';

export interface SentRequest {
  readonly headers?: Readonly<Record<string, string>>;
  /** A value is sent as JSON, a text or bytes as they are. */
  readonly body?: unknown;
  /** With its question mark. */
  readonly query?: string;
  readonly params?: Readonly<Record<string, string>>;
  /** @default jane of acme, who may do all; null for none */
  readonly claims?: Readonly<Record<string, string>> | null;
}

export const JANE = { sub: 'jane', scope: 'orders:read orders:write', tenant: 'acme' };

export interface RigOptions {
  readonly mode?: TenancyMode;
  readonly deps?: Partial<ApiDeps>;
  readonly usage?: ClientUsage;
  readonly api?: typeof ordersApi;
}

/** The orders API over memory, called as API Gateway calls it. */
export function createApiRig({ mode = 'required', deps = {}, api = ordersApi }: RigOptions = {}) {
  const tables = createInMemoryTables({ orders: ORDERS_TABLE, requests: HTTP_REQUESTS_TABLE });
  const clock = createTestClock();
  const tenancy = createTenancy({ mode, audit: { crossTenantWork: () => undefined } });
  const store = createInMemoryOutboxStore({ tables });
  const faults: {
    onCommit?: ((commit: OutboxCommit, apply: OutboxStore['commit']) => ReturnType<OutboxStore['commit']>) | undefined;
  } = {};
  let commits = 0;
  const ids = createCountingIds();
  const outbox = createOutbox({
    store: {
      readHeads: (groups) => store.readHeads(groups),
      commit(commit) {
        commits++;
        return faults.onCommit === undefined
          ? store.commit(commit)
          : faults.onCommit(commit, (each) => store.commit(each));
      },
    },
    clock,
    ids,
    sleep: async () => undefined,
    random: () => 0,
    retentionSeconds: 60,
    tenancy,
  });
  const orders = createTenantTable<Order>({
    store: createInMemoryTableStore(tables),
    outbox,
    tenancy,
    tableName: 'orders',
    schema: ORDERS_TABLE,
    parse: (item) => orderSchema.parse(item),
  });
  const meanwhile: { run: () => void | Promise<void> } = { run: () => undefined };
  let orderIds = 0;
  const handlers = createOrderHandlers({ orders, newId: () => `o-${++orderIds}`, meanwhile: () => meanwhile.run() });
  let correlations = 0;
  const newHandler = () =>
    createApiHandler(api, handlers, {
      outbox,
      requests: createInMemoryRequestRecords({ tables, tableName: 'requests' }),
      usage: createInMemoryClientUsage({ tables, tableName: 'requests' }),
      tenancy,
      logger: createSilentLogger('orders'),
      metrics: createSilentMetrics('orders'),
      clock,
      newToken: ids.newToken,
      newCorrelationId: () => `correlation-${++correlations}`,
      tenantClaim: 'tenant',
      ...deps,
    });
  const handler = newHandler();

  return {
    tables,
    clock,
    store,
    faults,
    meanwhile,
    /** The API in another container. */
    newHandler,
    /** Commits that were sent. */
    commits: () => commits,
    orders: () => tables.items('orders').length,
    events: () => store.events,
    async send(routeKey: string, request: SentRequest = {}, to = handler) {
      const result = await to(eventOf(routeKey, request), lambdaContext());
      return readAnswer(result);
    },
  };
}

const readAnswer = ({ statusCode = 0, headers = {}, body = '' }: APIGatewayProxyStructuredResultV2) => ({
  status: statusCode,
  headers,
  text: body,
  json: body === '' ? undefined : JSON.parse(body),
});

/** In payload format 2.0. */
export function eventOf(
  routeKey: string,
  { headers = {}, body, query = '', params = {}, claims = JANE }: SentRequest,
): ApiEvent {
  const [method = '', path = ''] = routeKey.split(' ');
  const rawPath = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? null));
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString: query.replace(/^\?/, ''),
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    requestContext: {
      accountId: '111122223333',
      apiId: 'api',
      domainName: 'api.example.com',
      domainPrefix: 'api',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'request',
      routeKey,
      stage: '$default',
      time: '20/Nov/2026:06:00:00 +0000',
      timeEpoch: 1_795_154_400_000,
      ...(claims === null
        ? {}
        : { authorizer: { principalId: '', integrationLatency: 0, jwt: { claims, scopes: [] } } }),
    },
    pathParameters: params,
    isBase64Encoded: true,
    ...(body === undefined ? {} : { body: bytes.toString('base64') }),
  } as ApiEvent;
}

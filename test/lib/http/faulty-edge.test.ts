import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HTTP_REQUESTS_TABLE, OUTBOX_KIND, OUTBOX_TABLE, PENDING_TABLE } from '../../../lib/definitions/index.ts';
import { createApiHandler, createDynamoDbClientUsage, createDynamoDbRequestRecords } from '../../../lib/http/index.ts';
import { createDynamoDbOutboxStore, createOutbox } from '../../../lib/outbox/index.ts';
import { createDynamoDbTableStore, createTenancy, createTenantTable } from '../../../lib/tenancy/index.ts';
import { createSilentLogger, createSilentMetrics } from '../../../lib/testing/index.ts';
import {
  createWebhookReceiver,
  createWebhookSecrets,
  WEBHOOK_DELIVERIES_TABLE,
  type WebhookReceiver,
} from '../../../lib/webhook/public.ts';
import { createCountingIds, createTestClock } from '../../fixtures/event-maker.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { anyDelivery, TARGETS, type Target } from '../webhook/any-delivery.ts';
import { SECRET, toEvent } from '../webhook/webhook-rig.ts';
import { anyRequest } from './any-request.ts';
import { eventOf } from './api-rig.ts';
import { type EngineFault, type FaultyEngine, openFaultyEngine } from './faulty-engine.ts';
import { createOrderHandlers, ORDERS_TABLE, type Order, orderSchema, ordersApi } from './orders-app.ts';

/** `WAYBILL_FUZZ_REQUESTS=10000` for many; `WAYBILL_FUZZ_SEED` for others. */
const REQUESTS = Number(process.env['WAYBILL_FUZZ_REQUESTS'] ?? 200);
const SEED = Number(process.env['WAYBILL_FUZZ_SEED'] ?? 14);
const TIMEOUT_MS = Math.max(120_000, REQUESTS * 200);

/** Longer than an invocation, so that whoever died in one has let go of its claim. */
const NEXT_INVOCATION_MS = 60_000;

const fault = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constantFrom<EngineFault>('throttle', 'conflict', 'lost-request', 'lost-answer') },
);
const faults = fc.oneof(
  { weight: 1, arbitrary: fc.constant([]) },
  { weight: 2, arbitrary: fc.array(fault, { maxLength: 8 }) },
);

let engine: FaultyEngine;
beforeAll(async () => {
  engine = await openFaultyEngine({
    orders: ORDERS_TABLE,
    requests: HTTP_REQUESTS_TABLE,
    outbox: OUTBOX_TABLE,
    pending: PENDING_TABLE,
    ...Object.fromEntries(Object.keys(TARGETS).map((name) => [deliveriesOf(name), WEBHOOK_DELIVERIES_TABLE])),
  });
});
afterAll(() => engine.close());

const deliveriesOf = (target: string) => `deliveries-${target}`;

const total = (counts: ReadonlyMap<EngineFault, number>) => [...counts.values()].reduce((sum, each) => sum + each, 0);

/** Data of all events in the log. */
async function eventsOf(type: string): Promise<readonly Record<string, unknown>[]> {
  const items = await engine.items('outbox');
  return items
    .filter((item) => item['kind']?.S === OUTBOX_KIND.event && item['type']?.S === type)
    .map((item) => JSON.parse(item['event']?.S ?? '').data);
}

function createParts() {
  const clock = createTestClock();
  // DynamoDB remembers tokens, of all tests of this file
  const ids = { ...createCountingIds(), newToken: randomUUID };
  const tenancy = createTenancy({ mode: 'required', audit: { crossTenantWork: () => undefined } });
  const outbox = createOutbox({
    store: createDynamoDbOutboxStore({ client: engine.client, outboxTableName: 'outbox', pendingTableName: 'pending' }),
    clock,
    ids,
    sleep: async () => undefined,
    random: () => 0.5,
    retentionSeconds: 86_400,
    tenancy,
  });
  return { clock, ids, tenancy, outbox };
}

function createEdge() {
  const { clock, ids, tenancy, outbox } = createParts();
  const orders = createTenantTable<Order>({
    store: createDynamoDbTableStore(engine.client),
    outbox,
    tenancy,
    tableName: 'orders',
    schema: ORDERS_TABLE,
    parse: (item) => orderSchema.parse(item),
  });
  const records = { client: engine.client, tableName: 'requests' };
  let orderIds = 0;
  const handler = createApiHandler(
    ordersApi,
    createOrderHandlers({ orders, newId: () => `o-${++orderIds}`, meanwhile: () => undefined }),
    {
      outbox,
      tenancy,
      clock,
      requests: createDynamoDbRequestRecords(records),
      usage: createDynamoDbClientUsage(records),
      logger: createSilentLogger('orders'),
      metrics: createSilentMetrics('orders'),
      newToken: ids.newToken,
      newCorrelationId: () => 'correlation-1',
      tenantClaim: 'tenant',
    },
  );
  return {
    clock,
    async send(key: string, sent: Parameters<typeof eventOf>[1]) {
      const { statusCode = 0, body = '' } = await handler(eventOf(key, sent), lambdaContext());
      return { status: statusCode, json: body === '' ? undefined : JSON.parse(body) };
    },
  };
}

describe(`${REQUESTS} requests of any kind, with faults in the engine`, () => {
  it(
    'are answered without other 5xx, write nothing if they are refused, and are committed once if they are not',
    async () => {
      const edge = createEdge();
      const accepted = new Set<string>();
      const sentRight: { readonly key: string; readonly orderId: string }[] = [];
      const counts = { failed: 0, put: 0, putFailed: 0 };
      let keys = 0;

      /** @returns the answer that the client gets at last */
      const call = async (
        key: string,
        sent: Parameters<typeof eventOf>[1],
        planned: readonly (EngineFault | undefined)[],
      ) => {
        const before = total(engine.injected);
        engine.plan(planned);
        let { status, json } = await edge.send(key, sent);
        const isDisturbed = total(engine.injected) > before;
        engine.calm();

        if (status >= 500) {
          expect(isDisturbed).toBe(true);
          counts.failed++;
          if (key.startsWith('PUT')) counts.putFailed++;
        } else if (status >= 400 || key.startsWith('GET')) {
          expect([...engine.written()].filter((table) => table !== 'requests')).toStrictEqual([]);
        } else if (status === 204) counts.put++;

        // as a client does that was not answered, or whose other request is under way
        const mustWait = () => status >= 500 || json?.code === 'IDEMPOTENCY_KEY_IN_FLIGHT';
        for (let tries = 0; key === 'POST /orders' && mustWait(); tries++) {
          expect(tries).toBeLessThan(3);
          edge.clock.advance(NEXT_INVOCATION_MS);
          ({ status, json } = await edge.send(key, sent));
        }
        if (status === 202) accepted.add(json.orderId);
        return { status, json };
      };

      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom('any', 'any', 'order', 'again', 'change'),
          fc.constantFrom(...ordersApi.routes.map(({ key }) => key)),
          anyRequest,
          faults,
          async (what, route, any, planned) => {
            const last = sentRight.at(-1);
            if (what === 'any' || (what !== 'order' && last === undefined)) {
              await call(route, any, planned);
            } else if (what === 'order' || last === undefined) {
              const key = `right-${++keys}`;
              const { status, json } = await call('POST /orders', rightOrder(key), planned);
              expect(status).toBe(202);
              sentRight.push({ key, orderId: json.orderId });
            } else if (what === 'again') {
              const again = await call('POST /orders', rightOrder(last.key), planned);
              expect(again).toMatchObject({ status: 202, json: { orderId: last.orderId } });
            } else {
              const params = { orderId: last.orderId };
              const { json } = await call('GET /orders/{orderId}', { params }, []);
              const headers = { 'if-match': `"${json.version}"` };
              await call('PUT /orders/{orderId}', { params, headers, body: RIGHT }, planned);
            }
          },
        ),
        { numRuns: REQUESTS, seed: SEED },
      );

      const orders = (await engine.items('orders')).map((item) => orderSchema.partial().parse(plainOf(item)));
      const ids = orders.map(({ orderId = '' }) => orderId.split('#').at(-1));
      const told = (await eventsOf('com.example.order.placed')).map(({ orderId }) => orderId);
      expect(ids.toSorted()).toStrictEqual([...accepted].toSorted());
      expect(told.toSorted()).toStrictEqual([...accepted].toSorted());
      const changes = orders.reduce((sum, { version = 1 }) => sum + version - 1, 0);
      expect(changes).toBeGreaterThanOrEqual(counts.put);
      expect(changes).toBeLessThanOrEqual(counts.put + counts.putFailed);
      // else the property would say little
      expect(accepted.size).toBeGreaterThan(REQUESTS / 10);
      expect(counts.failed).toBeGreaterThan(REQUESTS / 100);
      expect([...engine.injected.keys()].toSorted()).toStrictEqual([
        'conflict',
        'lost-answer',
        'lost-request',
        'throttle',
      ]);
    },
    TIMEOUT_MS,
  );
});

const RIGHT = { product: 'lamp', quantity: 2 };

const rightOrder = (key: string) => ({ headers: { 'idempotency-key': key }, body: RIGHT });

/** Texts and numbers of an item. */
const plainOf = (item: Readonly<Record<string, { readonly S?: string; readonly N?: string }>>) =>
  Object.fromEntries(Object.entries(item).map(([name, { S, N }]) => [name, S ?? Number(N)]));

describe(`${REQUESTS} deliveries of any kind, with faults in the engine`, () => {
  function createReceivers(): ReadonlyMap<Target, WebhookReceiver> {
    const { clock, outbox } = createParts();
    return new Map(
      Object.entries(TARGETS).map(([name, target]) => [
        target,
        createWebhookReceiver({
          webhook: target.webhook,
          secrets: createWebhookSecrets({
            reader: { read: async (id) => (id === 'webhooks/acme' ? JSON.stringify({ current: SECRET }) : undefined) },
            clock,
            secret: 'webhooks/',
          }),
          outbox,
          clock,
          tableName: deliveriesOf(name),
          logger: createSilentLogger('webhook'),
          metrics: createSilentMetrics('webhook'),
        }),
      ]),
    );
  }

  it(
    'are answered without other 5xx, write nothing if they are refused, and take effect once if they are not',
    async () => {
      const receivers = createReceivers();
      const accepted: string[] = [];
      const failures = { count: 0 };
      let parcels = 0;

      await fc.assert(
        fc.asyncProperty(anyDelivery, fc.boolean(), faults, async (delivery, isRight, planned) => {
          const { target, lacking, changed, isSigned, id, body, tenant, method, query } = delivery;
          const receive = receivers.get(target);
          if (receive === undefined) throw new RangeError('no receiver');
          const parcel = `p-${++parcels}`;
          // Twilio signs no JSON body by itself
          const right = isRight && target !== TARGETS['twilio'];
          const sent = right
            ? rightDelivery(target, parcel)
            : {
                headers: Object.fromEntries(
                  Object.entries({ ...(isSigned ? target.sign(body, id) : {}), ...Object.fromEntries(changed) }).filter(
                    ([name]) => !isSigned || name !== lacking,
                  ),
                ),
                body,
                tenant,
                method,
                query,
              };
          const before = total(engine.injected);
          engine.plan(planned);
          let { statusCode: status = 0 } = await receive(toEvent(sent));
          const isDisturbed = total(engine.injected) > before;
          engine.calm();

          if (status >= 500) {
            expect([status, isDisturbed]).toStrictEqual([503, true]);
            failures.count++;
            // the sender tries again
            ({ statusCode: status = 0 } = await receive(toEvent(sent)));
            expect(status).toBeLessThan(500);
          } else if (status >= 400) expect([...engine.written()]).toStrictEqual([]);
          if (!right) return;
          expect(status).toBe(204);
          accepted.push(parcel);
          // and sends it twice for good measure
          expect(await receive(toEvent(sent))).toMatchObject({ statusCode: 204 });
        }),
        { numRuns: REQUESTS, seed: SEED },
      );

      const told = (await eventsOf('com.example.parcel.moved')).map(({ parcel }) => String(parcel));
      expect(told.filter((parcel) => /^p-\d+$/.test(parcel) && accepted.includes(parcel)).toSorted()).toStrictEqual(
        accepted.toSorted(),
      );
      expect(accepted.length).toBeGreaterThan(REQUESTS / 5);
      expect(failures.count).toBeGreaterThan(REQUESTS / 100);
    },
    TIMEOUT_MS,
  );
});

/** Signed, of a type that the webhook knows, and different from all others. */
function rightDelivery(target: Target, parcel: string) {
  const data = { parcel, status: 'moved' };
  const body = Buffer.from(
    JSON.stringify({ id: `evt-${parcel}`, event_id: `evt-${parcel}`, type: 'tracking.updated', data }),
  );
  return { headers: target.sign(body, `m-${parcel}`), body, tenant: 'acme', method: 'POST', query: '' };
}

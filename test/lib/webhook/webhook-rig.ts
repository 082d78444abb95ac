import { createHmac } from 'node:crypto';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import * as z from 'zod';
import { defineEvent, type TableSchema } from '../../../lib/definitions/index.ts';
import { unmarshallItem } from '../../../lib/shared/marshalling.ts';
import { createSilentLogger } from '../../../lib/testing/silent-telemetry.ts';
import {
  createWebhookReceiver,
  createWebhookSecrets,
  defineWebhook,
  hmac,
  on,
  publish,
  standardWebhooks,
  WEBHOOK_DELIVERIES_TABLE,
  type WebhookDefinition,
} from '../../../lib/webhook/public.ts';
import { createTestOutbox } from '../../fixtures/outbox.ts';

export const ParcelMoved = defineEvent({
  type: 'com.example.parcel.moved',
  source: '/carrier',
  version: 1,
  schema: z.object({ parcel: z.string(), status: z.string() }),
  group: ({ parcel }) => `parcel#${parcel}`,
});

export const tracking = on(
  z.object({ data: z.object({ parcel: z.string(), status: z.string() }) }),
  [ParcelMoved],
  ({ data }) => publish(ParcelMoved, data),
);

export const carrier = defineWebhook({
  name: 'carrier',
  path: '/webhooks/{tenant}/carrier',
  scheme: standardWebhooks(),
  events: { 'tracking.updated': tracking },
});

/** Signs the bytes of the body and names the type in a header that is not signed. */
export const parcels = defineWebhook({
  name: 'parcels',
  path: '/webhooks/{tenant}/parcels',
  scheme: hmac({
    signatureHeader: 'x-signature',
    prefix: 'sha256=',
    id: { header: 'x-delivery' },
    type: { header: 'x-type', member: 'type' },
  }),
  events: { 'tracking.updated': tracking },
});

/** 2026-11-20T06:00:00Z in seconds. */
export const NOW = 1_795_154_400;

const KEY = Buffer.from('a key of 32 bytes for all tests!').toString('base64');
const OTHER_KEY = Buffer.from('another key of 32 bytes, retired').toString('base64');
const GLOBEX_KEY = Buffer.from('the key of the tenant globex 321').toString('base64');
export const SECRET = `whsec_${KEY}`;
export const OTHER_SECRET = `whsec_${OTHER_KEY}`;
export const GLOBEX_SECRET = `whsec_${GLOBEX_KEY}`;

export const BODY = JSON.stringify({ type: 'tracking.updated', data: { parcel: 'p-1', status: 'delivered' } });

const DELIVERIES = 'deliveries';

export type Headers = Readonly<Record<string, string>>;

export interface Sent {
  readonly headers?: Headers;
  readonly body?: string | Buffer;
  readonly tenant?: string;
  readonly method?: string;
  readonly query?: string;
}

/** An event of payload format 2.0, as API Gateway sends it: bodies that are not of a text type are base64. */
export function toEvent({ headers = {}, body = BODY, tenant = 'acme', method = 'POST', query = '' }: Sent) {
  const bytes = Buffer.from(body);
  const isText = /^(application\/json|text\/)/.test(headers['content-type'] ?? 'application/json');
  const rawPath = `/webhooks/${tenant}/carrier`;
  const routeKey = 'POST /webhooks/{tenant}/carrier';
  const event: APIGatewayProxyEventV2 = {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString: query,
    headers: { 'content-type': 'application/json', ...headers },
    requestContext: {
      accountId: '111122223333',
      apiId: 'api',
      domainName: 'api.example.com',
      domainPrefix: 'api',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'sender' },
      requestId: 'request-1',
      routeKey,
      stage: '$default',
      time: '20/Nov/2026:06:00:00 +0000',
      timeEpoch: NOW * 1000,
    },
    pathParameters: { tenant },
    body: bytes.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
  };
  return event;
}

export interface Signing {
  readonly secret?: string;
  readonly id?: string;
  readonly timestamp?: number | string;
  readonly body?: string | Buffer;
}

/** Signs by Standard Webhooks, with node:crypto alone. */
export function standardHeaders({ secret = SECRET, id = 'msg-1', timestamp = NOW, body = BODY }: Signing = {}) {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const material = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)]);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': `v1,${createHmac('sha256', key).update(material).digest('base64')}`,
  };
}

export const bodyHeaders = ({ secret = SECRET, id = 'd-1', type = 'tracking.updated', body = BODY } = {}) => ({
  'x-delivery': id,
  'x-type': type,
  'x-signature': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
});

export interface WebhookRig {
  send(sent: Sent): Promise<{ readonly status: number; readonly reason: string | undefined; readonly body: unknown }>;
  answer(sent: Sent): Promise<unknown>;
  /** Names and values of the secrets: change them as Secrets Manager's are changed. */
  readonly secrets: Map<string, string | Error>;
  /** Names that were read from Secrets Manager. */
  readonly reads: readonly string[];
  readonly counted: Readonly<Record<string, number>>;
  /** Log lines, as text. */
  readonly lines: readonly string[];
  deliveries(): readonly unknown[];
  /** How many items of deliveries, and how many events, are stored. */
  written(): readonly [number, number];
  events(): readonly { readonly type: string; readonly group: string }[];
  advance(seconds: number): void;
  failCommits(error: Error | undefined): void;
}

/** A webhook over memory: tenants `acme` and `globex`. */
export function openRig(webhook: WebhookDefinition = carrier): WebhookRig {
  const { outbox, store, clock } = createTestOutbox({ [DELIVERIES]: WEBHOOK_DELIVERIES_TABLE satisfies TableSchema });
  const secrets = new Map<string, string | Error>([
    ['webhooks/acme', JSON.stringify({ current: SECRET })],
    ['webhooks/globex', JSON.stringify({ current: GLOBEX_SECRET, previous: '' })],
    ['webhooks/', JSON.stringify({ current: SECRET })],
  ]);
  const reads: string[] = [];
  const lines: string[] = [];
  const counted: Record<string, number> = {};
  let reason: string | undefined;
  let failure: Error | undefined;
  const write = (message: unknown, ...more: readonly unknown[]) => {
    lines.push(JSON.stringify([message, ...more]));
    const [fields] = more as readonly { readonly reason?: string }[];
    reason = fields?.reason ?? reason;
  };
  const logger = Object.assign(createSilentLogger('webhook'), { info: write, warn: write, error: write });
  const metrics = new Metrics({ namespace: 'Test', serviceName: 'webhook' });
  metrics.addMetric = (name, _unit, value) => {
    counted[name] = (counted[name] ?? 0) + value;
    return metrics;
  };
  const single = new Metrics({ namespace: 'Test', serviceName: 'webhook' });
  single.addMetric = () => single;
  single.addDimension = () => single;
  metrics.singleMetric = () => single;
  const receive = createWebhookReceiver({
    webhook,
    secrets: createWebhookSecrets({
      reader: {
        async read(name) {
          reads.push(name);
          const value = secrets.get(name);
          if (value instanceof Error) throw value;
          return value;
        },
      },
      clock,
      secret: 'webhooks/',
    }),
    outbox: {
      transact: (...work) => (failure === undefined ? outbox.transact(...work) : Promise.reject(failure)),
    },
    clock,
    tableName: DELIVERIES,
    logger,
    metrics,
  });

  return {
    secrets,
    reads,
    counted,
    lines,
    answer: (sent) => receive(toEvent(sent)),
    async send(sent) {
      reason = undefined;
      const { statusCode = 0, body } = await receive(toEvent(sent));
      return { status: statusCode, reason, body };
    },
    deliveries: () => store.items(DELIVERIES).map(unmarshallItem),
    written: () => [store.items(DELIVERIES).length, store.events.length],
    events: () => store.events.map(({ type, group }) => ({ type, group })),
    advance: (seconds) => clock.advance(seconds * 1000),
    failCommits: (error) => {
      failure = error;
    },
  };
}

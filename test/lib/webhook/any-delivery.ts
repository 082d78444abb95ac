import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import {
  defineWebhook,
  github,
  shopify,
  slack,
  stripe,
  twilio,
  type WebhookDefinition,
  type WebhookScheme,
} from '../../../lib/webhook/public.ts';
import {
  BODY,
  bodyHeaders,
  carrier,
  type Headers,
  NOW,
  parcels,
  SECRET,
  standardHeaders,
  tracking,
} from './webhook-rig.ts';

const of = (scheme: WebhookScheme): WebhookDefinition =>
  defineWebhook({
    name: 'any',
    path: '/{tenant}/any',
    scheme,
    maxBytes: 2_000,
    events: { 'tracking.updated': tracking },
  });

const mac = (algorithm: string, material: string | Buffer, encoding: 'hex' | 'base64') =>
  createHmac(algorithm, SECRET).update(material).digest(encoding);

const after = (head: string, body: Buffer): Buffer => Buffer.concat([Buffer.from(head), body]);

/** A webhook of one scheme, and who signs for it. */
export interface Target {
  readonly webhook: WebhookDefinition;
  /** Right headers for any bytes. */
  sign(body: Buffer, id: string): Headers;
}

export const TARGETS: Readonly<Record<string, Target>> = {
  standard: { webhook: carrier, sign: (body, id) => standardHeaders({ body, id }) },
  hmac: {
    webhook: parcels,
    sign: (body, id) => ({ ...bodyHeaders({ id }), 'x-signature': `sha256=${mac('sha256', body, 'hex')}` }),
  },
  stripe: {
    webhook: of(stripe()),
    sign: (body) => ({ 'stripe-signature': `t=${NOW},v1=${mac('sha256', after(`${NOW}.`, body), 'hex')}` }),
  },
  github: {
    webhook: of(github()),
    sign: (body, id) => ({
      'x-hub-signature-256': `sha256=${mac('sha256', body, 'hex')}`,
      'x-github-delivery': id,
      'x-github-event': 'tracking.updated',
    }),
  },
  shopify: {
    webhook: of(shopify()),
    sign: (body, id) => ({
      'x-shopify-hmac-sha256': mac('sha256', body, 'base64'),
      'x-shopify-webhook-id': id,
      'x-shopify-topic': 'tracking.updated',
    }),
  },
  slack: {
    webhook: of(slack()),
    sign: (body) => ({
      'x-slack-request-timestamp': String(NOW),
      'x-slack-signature': `v0=${mac('sha256', after(`v0:${NOW}:`, body), 'hex')}`,
    }),
  },
  twilio: {
    webhook: of(twilio({ publicUrl: 'https://hooks.example.com' })),
    sign: (_, id) => ({
      'content-type': 'application/x-www-form-urlencoded',
      'x-twilio-signature': mac('sha1', 'https://hooks.example.com', 'base64'),
      'i-twilio-idempotency-token': id,
    }),
  },
};

const id = fc.oneof(fc.stringMatching(/^[a-z0-9]{1,8}$/), fc.string({ maxLength: 300 }));
const header = fc.constantFrom(
  ...Object.values(TARGETS).flatMap(({ sign }) => Object.keys(sign(Buffer.alloc(0), ''))),
  'content-type',
  'content-encoding',
);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', ',', 't=,v1=', 'v1,', 'sha256=', 'application/json', '__proto__', '1e9', `${NOW}`, `${NOW}.0`),
);
const nested = fc.nat(2_000).map((depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);
const body = fc.oneof(
  fc.constant(BODY),
  fc.uint8Array({ maxLength: 3_000 }).map(Buffer.from),
  fc.json(),
  nested,
  fc
    .record({ parcel: fc.oneof(fc.string(), fc.integer()), status: fc.string({ unit: 'binary' }) })
    .map((data) => JSON.stringify({ id: 'evt_1', event_id: 'e', type: 'tracking.updated', data })),
  fc.constantFrom(
    '{"__proto__":{"type":"tracking.updated"}}',
    '[]',
    'null',
    '"a"',
    '{"type":["tracking.updated"]}',
    '%FF',
  ),
);

/** A request of any kind, signed or not, and what is changed of it afterwards. */
export const anyDelivery = fc.record({
  target: fc.constantFrom(...Object.values(TARGETS)),
  body: body.map(Buffer.from),
  isSigned: fc.boolean(),
  id,
  changed: fc.array(fc.tuple(header, text), { maxLength: 2 }),
  lacking: fc.option(header, { nil: undefined }),
  tenant: fc.oneof(
    { weight: 4, arbitrary: fc.constant('acme') },
    { weight: 1, arbitrary: fc.string({ maxLength: 50 }) },
  ),
  method: fc.constantFrom('POST', 'POST', 'POST', 'POST', 'GET'),
  query: fc.oneof(fc.constant(''), fc.string({ maxLength: 20 })),
});

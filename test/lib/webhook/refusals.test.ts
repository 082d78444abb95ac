import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { defineWebhook, slack, standardWebhooks } from '../../../lib/webhook/public.ts';
import {
  BODY,
  bodyHeaders,
  type carrier,
  GLOBEX_SECRET,
  NOW,
  OTHER_SECRET,
  openRig,
  parcels,
  SECRET,
  type Sent,
  standardHeaders,
  tracking,
} from './webhook-rig.ts';

interface Refusal {
  readonly name: string;
  readonly status: number;
  readonly reason: string;
  readonly sent: Sent;
  /** @default carrier, which signs by Standard Webhooks */
  readonly webhook?: typeof carrier | typeof parcels;
}

const signed = standardHeaders();
const [version = '', mac = ''] = signed['webhook-signature'].split(',');
const without = (name: keyof typeof signed) => ({ ...signed, [name]: '' });
const withSignature = (text: string) => ({ ...signed, 'webhook-signature': text });
/** A body that is signed as it is, whatever it is. */
const signedBody = (body: string | Buffer, more: object = {}): Sent => ({
  headers: { ...standardHeaders({ body }), ...more },
  body,
});

const REFUSALS: readonly Refusal[] = [
  { name: '1 no signature', status: 401, reason: 'signature-missing', sent: {} },
  {
    name: '2 an empty signature',
    status: 401,
    reason: 'signature-missing',
    sent: { headers: without('webhook-signature') },
  },
  {
    name: '3 a wrong signature',
    status: 401,
    reason: 'signature-mismatch',
    sent: { headers: withSignature(`v1,${Buffer.alloc(32, 7).toString('base64')}`) },
  },
  {
    name: '4 a wrong secret',
    status: 401,
    reason: 'signature-mismatch',
    sent: { headers: standardHeaders({ secret: 'whsec_bm90IHRoZSBzZWNyZXQ=' }) },
  },
  {
    name: '5 a retired secret',
    status: 401,
    reason: 'signature-mismatch',
    sent: { headers: standardHeaders({ secret: OTHER_SECRET }) },
  },
  {
    name: "6 another tenant's secret",
    status: 401,
    reason: 'signature-mismatch',
    sent: { headers: standardHeaders({ secret: GLOBEX_SECRET }) },
  },
  {
    name: '7 a changed byte',
    status: 401,
    reason: 'signature-mismatch',
    sent: { headers: signed, body: BODY.replace('delivered', 'deliverec') },
  },
  {
    name: '8 JSON that was serialized again',
    status: 401,
    reason: 'signature-mismatch',
    sent: { headers: signed, body: JSON.stringify(JSON.parse(BODY), undefined, 1) },
  },
  {
    name: '9 another timestamp',
    status: 401,
    reason: 'signature-mismatch',
    sent: { headers: { ...signed, 'webhook-timestamp': String(NOW + 1) } },
  },
  {
    name: '10 another id',
    status: 401,
    reason: 'signature-mismatch',
    sent: { headers: { ...signed, 'webhook-id': 'msg-2' } },
  },
  {
    name: '11 a time more than 300 seconds ago',
    status: 401,
    reason: 'too-old',
    sent: { headers: standardHeaders({ timestamp: NOW - 301 }) },
  },
  {
    name: '12 a time more than 300 seconds ahead',
    status: 401,
    reason: 'too-far-ahead',
    sent: { headers: standardHeaders({ timestamp: NOW + 301 }) },
  },
  {
    name: "13 the timestamp '123abc'",
    status: 401,
    reason: 'timestamp-malformed',
    sent: { headers: standardHeaders({ timestamp: `${NOW}abc` }) },
  },
  {
    name: '14 no timestamp',
    status: 401,
    reason: 'timestamp-missing',
    sent: { headers: without('webhook-timestamp') },
  },
  {
    name: '15 only a signature of an unknown scheme',
    status: 401,
    reason: 'signature-malformed',
    sent: { headers: withSignature(`v2,${mac}`) },
  },
  {
    name: '16 a truncated digest',
    status: 401,
    reason: 'signature-malformed',
    sent: { headers: withSignature(`v1,${Buffer.from(mac, 'base64').subarray(0, 16).toString('base64')}`) },
  },
  {
    name: '17 hex instead of base64',
    status: 401,
    reason: 'signature-malformed',
    sent: { headers: withSignature(`v1,${Buffer.from(mac, 'base64').toString('hex')}`) },
  },
  {
    name: '18 a MAC over the base64 text of the body',
    status: 401,
    reason: 'signature-mismatch',
    sent: {
      headers: {
        ...standardHeaders({ body: Buffer.from(BODY).toString('base64') }),
        'content-type': 'application/vnd.example+json',
      },
    },
  },
  {
    name: '19 two signature headers',
    status: 401,
    reason: 'signature-malformed',
    // API Gateway joins them
    sent: { headers: withSignature(`${version},${mac},${version},${mac}`) },
  },
  {
    name: '21 an unknown tenant',
    status: 401,
    reason: 'tenant-unknown',
    sent: { headers: signed, tenant: 'initech' },
  },
  { name: '22 signed content that is no JSON', status: 400, reason: 'not-json', sent: signedBody('{"type":') },
  {
    name: '23 signed bytes that are no UTF-8',
    status: 400,
    reason: 'not-utf8',
    sent: signedBody(Buffer.from([0x7b, 0xff, 0x7d]), { 'content-type': 'application/vnd.example+json' }),
  },
  {
    name: '24 a body that does not fit the schema',
    status: 400,
    reason: 'schema-misfit',
    sent: signedBody('{"type":"tracking.updated","data":{"parcel":7}}'),
  },
  {
    name: '25 no delivery id',
    status: 400,
    reason: 'id-missing',
    sent: { headers: { ...bodyHeaders(), 'x-delivery': '' } },
    webhook: parcels,
  },
  {
    name: '26 an id with a dot',
    status: 400,
    reason: 'id-malformed',
    sent: { headers: standardHeaders({ id: 'msg.1' }) },
  },
  {
    name: '26 an id of more than 255 characters',
    status: 400,
    reason: 'id-malformed',
    sent: { headers: standardHeaders({ id: 'm'.repeat(256) }) },
  },
  {
    name: "27 members called '__proto__'",
    status: 400,
    reason: 'unsafe-member',
    sent: signedBody(`{"type":"tracking.updated","data":{"parcel":"p-1","status":"x","more":[{"__proto__":{}}]}}`),
  },
  {
    name: '28 a type header that contradicts the body',
    status: 400,
    reason: 'type-contradicted',
    sent: { headers: bodyHeaders({ type: 'tracking.deleted' }) },
    webhook: parcels,
  },
  {
    name: '29 a body that is too large',
    status: 413,
    reason: 'too-large',
    sent: signedBody(JSON.stringify({ type: 'tracking.updated', data: { parcel: 'p'.repeat(262_144), status: 's' } })),
  },
  {
    name: '30 any content-encoding',
    status: 415,
    reason: 'encoded',
    sent: { headers: { ...signed, 'content-encoding': 'identity' } },
  },
  {
    name: '31 a form where JSON is due',
    status: 415,
    reason: 'media-type',
    sent: signedBody('payload=%7B%7D', { 'content-type': 'application/x-www-form-urlencoded' }),
  },
  { name: '32 GET', status: 404, reason: 'method-not-allowed', sent: { headers: signed, method: 'GET' } },
];

describe('a webhook', () => {
  it.each(REFUSALS)('refuses $name with $status and writes nothing', async ({ status, reason, sent, webhook }) => {
    const rig = openRig(webhook);

    expect(await rig.send(sent)).toStrictEqual({ status, reason, body: undefined });
    expect([rig.deliveries(), rig.events()]).toStrictEqual([[], []]);
    expect(rig.counted).toStrictEqual({ WebhooksRefused: 1 });
  });

  it('accepts the request that all of them were made from', async () => {
    const rig = openRig();

    expect(await rig.send({ headers: signed })).toStrictEqual({ status: 204, reason: undefined, body: undefined });
    expect(rig.events()).toStrictEqual([{ type: 'com.example.parcel.moved', group: 'tenant:acme:parcel#p-1' }]);
    expect(rig.deliveries()).toHaveLength(1);
    expect(await openRig(parcels).send({ headers: bodyHeaders() })).toMatchObject({ status: 204 });
  });

  it('refuses 20 a forged challenge with 401, and answers one that is signed', async () => {
    const challenge = JSON.stringify({ type: 'url_verification', challenge: 'c-1' });
    const headersOf = (secret: string) => ({
      'x-slack-request-timestamp': String(NOW),
      'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${NOW}:${challenge}`).digest('hex')}`,
    });
    const rig = openRig(
      defineWebhook({ name: 'slack', path: '/{tenant}/slack', scheme: slack(), events: { app_mention: tracking } }),
    );

    expect(await rig.send({ headers: headersOf('forged'), body: challenge })).toStrictEqual({
      status: 401,
      reason: 'signature-mismatch',
      body: undefined,
    });
    expect(await rig.answer({ headers: headersOf(SECRET), body: challenge })).toStrictEqual({
      statusCode: 200,
      headers: { 'cache-control': 'no-store', 'content-type': 'text/plain', 'x-content-type-options': 'nosniff' },
      body: 'c-1',
    });
    expect(rig.deliveries()).toStrictEqual([]);
  });

  it('refuses 35 everything with 410 once it is retired', async () => {
    const retired = defineWebhook({
      name: 'carrier',
      path: '/webhooks/{tenant}/carrier',
      scheme: standardWebhooks(),
      retired: true,
      events: { 'tracking.updated': tracking },
    });
    const rig = openRig(retired);

    expect(await rig.send({ headers: signed })).toStrictEqual({ status: 410, reason: 'retired', body: undefined });
    expect(rig.deliveries()).toStrictEqual([]);
  });

  it('answers 36 a replay of the same id with 204 and writes nothing', async () => {
    const rig = openRig();
    const body = JSON.stringify({ type: 'tracking.updated', data: { parcel: 'p-1', status: 'returned' } });

    await rig.send({ headers: signed });
    const again = await rig.send({ headers: signed });
    rig.advance(60);
    const retried = await rig.send({ headers: standardHeaders({ timestamp: NOW + 60, body }), body });

    expect([again.status, retried.status]).toStrictEqual([204, 204]);
    expect(rig.deliveries()).toHaveLength(1);
    expect(rig.events()).toHaveLength(1);
    expect(rig.counted).toStrictEqual({ WebhooksAccepted: 1, WebhookDuplicates: 2 });
  });

  it('answers 37 a replay of the same body under a new id with 204 and writes nothing', async () => {
    const rig = openRig(parcels);

    await rig.send({ headers: bodyHeaders() });
    const again = await rig.send({ headers: bodyHeaders({ id: 'd-2' }) });

    expect(again.status).toBe(204);
    expect(rig.deliveries()).toHaveLength(2);
    expect(rig.events()).toHaveLength(1);
    expect(rig.counted).toStrictEqual({ WebhooksAccepted: 1, WebhookDuplicates: 1 });
  });
});

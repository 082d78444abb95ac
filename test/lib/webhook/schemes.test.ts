import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import {
  defineWebhook,
  github,
  hmac,
  on,
  publish,
  shopify,
  slack,
  twilio,
  type WebhookScheme,
} from '../../../lib/webhook/public.ts';
import { BODY, NOW, openRig, ParcelMoved, SECRET, type Sent, tracking } from './webhook-rig.ts';

const rigOf = (scheme: WebhookScheme, type = 'tracking.updated') =>
  openRig(defineWebhook({ name: 'any', path: '/webhooks/{tenant}/carrier', scheme, events: { [type]: tracking } }));

const mac = (algorithm: string, material: string | Buffer, encoding: 'hex' | 'base64' = 'hex') =>
  createHmac(algorithm, SECRET).update(material).digest(encoding);

/** What a right request of a provider looks like. */
const sentBy = {
  github: {
    headers: {
      'x-hub-signature-256': `sha256=${mac('sha256', BODY)}`,
      'x-github-delivery': '72d3162e-cc78-11e3-81ab-4c9367dc0958',
      'x-github-event': 'tracking.updated',
    },
  },
  shopify: {
    headers: {
      'x-shopify-hmac-sha256': mac('sha256', BODY, 'base64'),
      'x-shopify-webhook-id': 'b54557e4-bdd9-4b37-8a5f-bf7d70bcd043',
      'x-shopify-topic': 'tracking.updated',
    },
  },
} satisfies Readonly<Record<string, Sent>>;

const SLACK_BODY = JSON.stringify({
  type: 'event_callback',
  event_id: 'Ev1',
  event: { type: 'app_mention' },
  data: { parcel: 'p-1', status: 'asked' },
});

const slackHeaders = (body: string, timestamp: number | string = NOW) => ({
  'x-slack-request-timestamp': String(timestamp),
  'x-slack-signature': `v0=${mac('sha256', `v0:${timestamp}:${body}`)}`,
});

describe('a webhook of GitHub', () => {
  it('takes the type and the id of headers', async () => {
    const rig = rigOf(github());

    expect(await rig.send(sentBy.github)).toMatchObject({ status: 204 });
    expect(rig.deliveries()).toMatchObject([
      { deliveryId: '72d3162e-cc78-11e3-81ab-4c9367dc0958' },
      { deliveryId: '72d3162e-cc78-11e3-81ab-4c9367dc0958' },
    ]);
  });

  it('refuses SHA-1, base64, another prefix and an upper-case one', async () => {
    const header = (text: string) => ({ headers: { ...sentBy.github.headers, 'x-hub-signature-256': text } });
    const texts = [
      `sha1=${mac('sha1', BODY)}`,
      `sha256=${mac('sha256', BODY, 'base64')}`,
      mac('sha256', BODY),
      `SHA256=${mac('sha256', BODY)}`,
      `sha256=${mac('sha256', BODY)},sha256=${mac('sha256', BODY)}`,
    ];

    for (const text of texts) {
      expect(await rigOf(github()).send(header(text))).toMatchObject({ status: 401, reason: 'signature-malformed' });
    }
  });
});

describe('a webhook of Shopify', () => {
  it('takes base64 and refuses hex', async () => {
    expect(await rigOf(shopify()).send(sentBy.shopify)).toMatchObject({ status: 204 });
    const headers = { ...sentBy.shopify.headers, 'x-shopify-hmac-sha256': mac('sha256', BODY) };
    expect(await rigOf(shopify()).send({ headers })).toMatchObject({ status: 401, reason: 'signature-malformed' });
  });
});

describe('a webhook of Slack', () => {
  const rig = () => rigOf(slack(), 'app_mention');

  it("takes the inner event's type and the event's id", async () => {
    const opened = rig();

    expect(await opened.send({ headers: slackHeaders(SLACK_BODY), body: SLACK_BODY })).toMatchObject({ status: 204 });
    expect(opened.deliveries()).toMatchObject([{ deliveryId: 'Ev1', type: 'app_mention' }]);
  });

  it('refuses an old one, another time and none', async () => {
    const send = (headers: Readonly<Record<string, string>>) => rig().send({ headers, body: SLACK_BODY });
    const { 'x-slack-request-timestamp': _, ...untimed } = slackHeaders(SLACK_BODY);

    expect(await send(slackHeaders(SLACK_BODY, NOW - 301))).toMatchObject({ status: 401, reason: 'too-old' });
    expect(await send({ ...slackHeaders(SLACK_BODY), 'x-slack-request-timestamp': String(NOW - 1) })).toMatchObject({
      reason: 'signature-mismatch',
    });
    expect(await send(untimed)).toMatchObject({ status: 401, reason: 'timestamp-missing' });
  });

  it('accepts types that it does not know, counts them and writes nothing', async () => {
    const body = SLACK_BODY.replace('app_mention', 'reaction_added');
    const opened = rig();

    expect(await opened.send({ headers: slackHeaders(body), body })).toMatchObject({ status: 204 });
    expect(opened.counted).toStrictEqual({ WebhookTypesUnknown: 1 });
    expect(opened.deliveries()).toStrictEqual([]);
  });
});

describe('a webhook of Twilio', () => {
  const FORM = 'MessageStatus=delivered&MessageSid=SM1&Body=a+b%C3%A9&Media=b&Media=a';
  const SIGNED = 'https://hooks.example.com/acme/smsBodya béMediaaMediabMessageSidSM1MessageStatusdelivered';
  const status = on(z.object({ MessageSid: z.string(), MessageStatus: z.string() }), [ParcelMoved], (body) =>
    publish(ParcelMoved, { parcel: body.MessageSid, status: body.MessageStatus }),
  );
  const rig = (algorithm: 'sha1' | 'sha256' = 'sha1') =>
    openRig(
      defineWebhook({
        name: 'sms',
        path: '/webhooks/{tenant}/sms',
        scheme: twilio({ publicUrl: 'https://hooks.example.com/{tenant}/sms', algorithm, type: 'MessageStatus' }),
        events: { delivered: status },
      }),
    );
  const form = (signature: string, more: Partial<Sent> = {}): Sent => ({
    body: FORM,
    headers: {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
      'x-twilio-signature': signature,
      'i-twilio-idempotency-token': 't-1',
    },
    ...more,
  });

  it('takes a form with the signature over the public URL and the sorted parameters', async () => {
    const opened = rig();

    expect(await opened.send(form(mac('sha1', SIGNED, 'base64')))).toMatchObject({ status: 204 });
    expect(opened.events()).toStrictEqual([{ type: 'com.example.parcel.moved', group: 'tenant:acme:parcel#SM1' }]);
  });

  it('takes SHA-256 where it is configured, and never where it is not', async () => {
    expect(await rig('sha256').send(form(mac('sha256', SIGNED, 'base64')))).toMatchObject({ status: 204 });
    expect(await rig('sha256').send(form(mac('sha1', SIGNED, 'base64')))).toMatchObject({
      status: 401,
      reason: 'signature-malformed',
    });
    expect(await rig().send(form(mac('sha256', SIGNED, 'base64')))).toMatchObject({ status: 401 });
  });

  it('refuses another query, another parameter and a digest that is not the one of the body', async () => {
    const signature = mac('sha1', SIGNED, 'base64');

    expect(await rig().send(form(signature, { query: 'a=1' }))).toMatchObject({ reason: 'signature-mismatch' });
    expect(await rig().send(form(signature, { body: `${FORM}&x=1` }))).toMatchObject({ reason: 'signature-mismatch' });
  });

  it('takes JSON whose digest is in the signed URL', async () => {
    const body = JSON.stringify({ MessageSid: 'SM1', MessageStatus: 'delivered' });
    const query = `bodySHA256=${createHash('sha256').update(body).digest('hex')}`;
    const headers = {
      'x-twilio-signature': mac('sha1', `https://hooks.example.com/acme/sms?${query}`, 'base64'),
      'i-twilio-idempotency-token': 't-1',
    };

    expect(await rig().send({ headers, body, query })).toMatchObject({ status: 204 });
    expect(await rig().send({ headers, body: body.replace('SM1', 'SM2'), query })).toMatchObject({
      status: 401,
      reason: 'signature-mismatch',
    });
  });

  it('refuses to be declared with a URL that is not public', () => {
    expect(() => twilio({ publicUrl: 'hooks.example.com' })).toThrow(
      'scheme twilio is not valid: publicUrl must be a URL like https://gateway.example.com',
    );
  });
});

describe('a webhook with an HMAC of its own', () => {
  it('signs what it is told, with a time and an id of headers', async () => {
    const scheme = hmac({
      signatureHeader: 'X-Acme-Signature',
      algorithm: 'sha512',
      encoding: 'base64',
      signed: '{id}|{timestamp}|{body}',
      timestampHeader: 'X-Acme-Time',
      id: { header: 'X-Acme-Id' },
    });
    const headers = {
      'x-acme-signature': mac('sha512', `d-1|${NOW}|${BODY}`, 'base64'),
      'x-acme-time': String(NOW),
      'x-acme-id': 'd-1',
    };

    expect(await rigOf(scheme, 'delivery').send({ headers })).toMatchObject({ status: 204 });
    expect(await rigOf(scheme, 'delivery').send({ headers: { ...headers, 'x-acme-id': 'd-2' } })).toMatchObject({
      status: 401,
      reason: 'signature-mismatch',
    });
  });

  it('refuses to be declared with contradictions, all in one error', () => {
    expect(() =>
      hmac({
        signatureHeader: 'not a header',
        signed: '{body}.{id}{timestamp}',
        id: { member: 'id' },
        // @ts-expect-error: no algorithm
        algorithm: 'md5',
      }),
    ).toThrow(
      "scheme hmac is not valid: signatureHeader must be the name of a header such as 'x-acme-signature', got 'not a header'; algorithm must be 'sha256', 'sha512' or 'sha1', got 'md5'; signed must have '{body}' once, at its end, got '{body}.{id}{timestamp}'; timestampHeader must be given if signed has '{timestamp}', and only then, got undefined; id must name a header, because signed has '{id}'",
    );
  });
});

import { createHmac, generateKeyPairSync, sign as signEd25519 } from 'node:crypto';
import { sign as signAsGithub, verify as verifyAsGithub } from '@octokit/webhooks-methods';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { describe, expect, it, vi } from 'vitest';
import { defineWebhook, github, standardWebhooks, stripe, type WebhookScheme } from '../../../lib/webhook/public.ts';
import { BODY, type Headers, NOW, openRig, SECRET, standardHeaders, tracking } from './webhook-rig.ts';

const rigOf = (scheme: WebhookScheme) =>
  openRig(
    defineWebhook({
      name: 'oracle',
      path: '/webhooks/{tenant}/carrier',
      scheme,
      events: { 'tracking.updated': tracking },
    }),
  );

const unicode = BODY.replace('delivered', 'zugestellt – 配達済み 🚚');
const standard = new Webhook(SECRET);
const events = new Stripe('sk_test_none').webhooks;
const stripeBody = (body: string) => body.replace('{', '{"id":"evt_1",');

const stripeHeaders = (body: string, timestamp = NOW): Headers => ({
  'stripe-signature': events.generateTestHeaderString({ payload: body, secret: SECRET, timestamp }),
});

const githubHeaders = async (body: string): Promise<Headers> => ({
  'x-hub-signature-256': await signAsGithub(SECRET, body),
  'x-github-delivery': 'd-1',
  'x-github-event': 'tracking.updated',
});

describe.each([BODY, unicode, `${BODY}\n`, BODY.replaceAll(':', ': ')])('the body %j', (body) => {
  it('is accepted with the signature that standardwebhooks makes', async () => {
    const headers = {
      'webhook-id': 'msg-1',
      'webhook-timestamp': String(NOW),
      'webhook-signature': standard.sign('msg-1', new Date(NOW * 1000), body),
    };

    expect(await rigOf(standardWebhooks()).send({ headers, body })).toMatchObject({ status: 204 });
  });

  it('is accepted with the signature that stripe makes', async () => {
    const sent = stripeBody(body);

    expect(await rigOf(stripe()).send({ headers: stripeHeaders(sent), body: sent })).toMatchObject({ status: 204 });
  });

  it('is accepted with the signature that @octokit/webhooks-methods makes', async () => {
    expect(await rigOf(github()).send({ headers: await githubHeaders(body), body })).toMatchObject({ status: 204 });
  });
});

it('is accepted with one of several signatures, of which others are of an old secret or an unknown version', async () => {
  const old = standardHeaders({ secret: 'whsec_b2xkIHNlY3JldA==' })['webhook-signature'];
  const headers = {
    ...standardHeaders(),
    'webhook-signature': `${old} v9,x ${standardHeaders()['webhook-signature']}`,
  };

  expect(await rigOf(standardWebhooks()).send({ headers })).toMatchObject({ status: 204 });
});

it('is accepted with an Ed25519 signature of Standard Webhooks, and refused with that of another key', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64');
  const material = Buffer.from(`msg-1.${NOW}.${BODY}`);
  const headersOf = (signature: Buffer) => ({
    ...standardHeaders(),
    'webhook-signature': `v1a,${signature.toString('base64')}`,
  });
  const rig = rigOf(standardWebhooks());
  rig.secrets.set('webhooks/acme', JSON.stringify({ current: `whpk_${key}` }));

  const forged = signEd25519(null, material, generateKeyPairSync('ed25519').privateKey);
  expect(await rig.send({ headers: headersOf(forged) })).toMatchObject({ status: 401, reason: 'signature-mismatch' });
  // a public key is no key of a MAC
  const mac = createHmac('sha256', Buffer.from(key, 'base64')).update(material).digest('base64');
  const asMac = { ...standardHeaders(), 'webhook-signature': `v1,${mac}` };
  expect(await rig.send({ headers: asMac })).toMatchObject({ status: 401, reason: 'signature-mismatch' });
  expect(await rig.send({ headers: headersOf(signEd25519(null, material, privateKey)) })).toMatchObject({
    status: 204,
  });
});

describe('what a library accepts and a webhook refuses', () => {
  it('is a timestamp with letters behind it: standardwebhooks reads what is before them', async () => {
    vi.useFakeTimers({ now: NOW * 1000, toFake: ['Date'] });
    const headers = { ...standardHeaders(), 'webhook-timestamp': `${NOW}abc` };

    expect(standard.verify(BODY, headers)).toStrictEqual(JSON.parse(BODY));
    expect(await rigOf(standardWebhooks()).send({ headers })).toMatchObject({
      status: 401,
      reason: 'timestamp-malformed',
    });
    vi.useRealTimers();
  });

  it('is an id with a dot: standardwebhooks joins it to what is signed', async () => {
    vi.useFakeTimers({ now: NOW * 1000, toFake: ['Date'] });
    const headers = standardHeaders({ id: 'msg.1' });

    expect(standard.verify(BODY, headers)).toStrictEqual(JSON.parse(BODY));
    expect(await rigOf(standardWebhooks()).send({ headers })).toMatchObject({ status: 400, reason: 'id-malformed' });
    vi.useRealTimers();
  });

  it('is a malformed signature beside a right one: standardwebhooks skips it', async () => {
    vi.useFakeTimers({ now: NOW * 1000, toFake: ['Date'] });
    const headers = { ...standardHeaders(), 'webhook-signature': `v1,x ${standardHeaders()['webhook-signature']}` };

    expect(standard.verify(BODY, headers)).toStrictEqual(JSON.parse(BODY));
    expect(await rigOf(standardWebhooks()).send({ headers })).toMatchObject({
      status: 401,
      reason: 'signature-malformed',
    });
    vi.useRealTimers();
  });

  it('is an empty body: standardwebhooks returns nothing for it', async () => {
    vi.useFakeTimers({ now: NOW * 1000, toFake: ['Date'] });
    const headers = standardHeaders({ body: '' });

    expect(standard.verify('', headers)).toBeUndefined();
    expect(await rigOf(standardWebhooks()).send({ headers, body: '' })).toMatchObject({
      status: 400,
      reason: 'not-json',
    });
    vi.useRealTimers();
  });

  it('is a time one hour ahead: stripe compares with the past alone', async () => {
    const body = stripeBody(BODY);
    const headers = stripeHeaders(body, NOW + 3600);
    const header = headers['stripe-signature'] ?? '';

    expect(events.constructEvent(body, header, SECRET, 300, undefined, NOW)).toMatchObject({ id: 'evt_1' });
    expect(await rigOf(stripe()).send({ headers, body })).toMatchObject({ status: 401, reason: 'too-far-ahead' });
  });

  it('is two headers in one: stripe takes the last time and all signatures', async () => {
    const body = stripeBody(BODY);
    const header = stripeHeaders(body)['stripe-signature'] ?? '';
    const twice = `t=1,v1=${'0'.repeat(64)},${header}`;

    expect(events.constructEvent(body, twice, SECRET, 300, undefined, NOW)).toMatchObject({ id: 'evt_1' });
    expect(await rigOf(stripe()).send({ headers: { 'stripe-signature': twice }, body })).toMatchObject({
      status: 401,
      reason: 'signature-malformed',
    });
  });

  it('is a body without an id: stripe does not ask for one', async () => {
    const headers = stripeHeaders(BODY);

    expect(events.constructEvent(BODY, headers['stripe-signature'] ?? '', SECRET, 300, undefined, NOW)).toBeDefined();
    expect(await rigOf(stripe()).send({ headers })).toMatchObject({ status: 400, reason: 'id-missing' });
  });

  it('is a body that is no JSON: @octokit/webhooks-methods verifies bytes alone, and throws for an empty body', async () => {
    const headers = await githubHeaders('no JSON');

    expect(await verifyAsGithub(SECRET, 'no JSON', headers['x-hub-signature-256'] ?? '')).toBe(true);
    expect(await rigOf(github()).send({ headers, body: 'no JSON' })).toMatchObject({ status: 400, reason: 'not-json' });
    await expect(verifyAsGithub(SECRET, '', 'sha256=')).rejects.toThrow(TypeError);
    const empty = `sha256=${createHmac('sha256', SECRET).update('').digest('hex')}`;
    const sent = { headers: { ...headers, 'x-hub-signature-256': empty }, body: '' };
    expect(await rigOf(github()).send(sent)).toMatchObject({ status: 400, reason: 'not-json' });
  });
});

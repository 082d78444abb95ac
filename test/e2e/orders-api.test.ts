import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalApp, type RunLogEntry, startLocalApp } from 'waybill/local';
import { createAwsClients } from '../../local/start/aws-clients.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../local/temporary-folder.ts';
import { synthesizeOrdersApp } from './orders-api/orders-app.ts';
import { serveIssuer } from './orders-api/serve-issuer.ts';

let folder: TemporaryFolder;
let issuer: Awaited<ReturnType<typeof serveIssuer>>;
let app: LocalApp;
let url: string;
const entries: RunLogEntry[] = [];

beforeAll(async () => {
  folder = createTemporaryFolder();
  issuer = await serveIssuer();
  synthesizeOrdersApp(folder.path, issuer.issuer);
  app = await startLocalApp({ folder: folder.path, log: (entry) => entries.push(entry) });
  url = app.outputs('Orders')['OrdersApiUrl'] ?? '';
});

afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  await issuer?.[Symbol.asyncDispose]();
  folder?.[Symbol.dispose]();
});

const tokenOf = (claims: object = {}) =>
  issuer.token({
    sub: 'jane',
    aud: 'shop',
    tenant: 'acme',
    scope: 'orders:read orders:write',
    exp: Math.floor(Date.now() / 1000) + 600,
    ...claims,
  });

const call = (path: string, { headers = {}, ...init }: RequestInit = {}, token = tokenOf()) =>
  fetch(`${url}${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...headers } });

const place = (key: string, body: object = { product: 'lamp', quantity: 2 }, token = tokenOf()) =>
  call(
    '/orders',
    {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
    },
    token,
  );

async function itemsOf(output: 'TableName' | 'LogName'): Promise<number> {
  using clients = createAwsClients(app.endpointUrl, app.region);
  const { [output]: TableName } = app.outputs('Orders');
  const { Items = [] } = await clients.dynamoDb.send(new ScanCommand({ TableName, ConsistentRead: true }));
  return Items.length;
}

describe('an API on this machine', () => {
  it('places an order once, however often its command is repeated, also at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => place('k-1')));
    const last = await place('k-1');

    const accepted = answers.filter(({ status }) => status === 202);
    expect(answers.every(({ status }) => status === 202 || status === 409)).toBe(true);
    expect(last.status).toBe(202);
    expect(last.headers.get('idempotent-replayed')).toBe('true');
    const { orderId } = (await last.json()) as { orderId: string };
    for (const answer of accepted) expect(await answer.json()).toStrictEqual({ orderId });
    expect(await itemsOf('TableName')).toBe(1);
    // the event and the head of its group
    expect(await itemsOf('LogName')).toBe(2);

    const order = await call(`/orders/${orderId}`);
    expect(await order.json()).toMatchObject({ orderId, product: 'lamp', quantity: 2, version: 1 });
    expect(
      (await call(`/orders/${orderId}`, { headers: { 'if-none-match': order.headers.get('etag') ?? '' } })).status,
    ).toBe(304);
    const stranger = await call(`/orders/${orderId}`, {}, tokenOf({ tenant: 'globex' }));
    expect(stranger.status).toBe(404);
  });

  it('refuses who may not call it, before its function runs', async () => {
    const lines = app.logsOf('Orders/Api/Function').length;
    const [none, scope, expired] = await Promise.all([
      fetch(`${url}/orders`),
      place('k-2', {}, tokenOf({ scope: 'orders:read' })),
      place('k-2', {}, tokenOf({ exp: 1 })),
    ]);

    expect([none.status, scope.status, expired.status]).toStrictEqual([401, 403, 401]);
    expect(expired.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(app.logsOf('Orders/Api/Function')).toHaveLength(lines);
  });

  it('tells pages of its origins what is wrong, too', async () => {
    const refused = await call('/orders?limit=99', { headers: { origin: 'https://shop.example.com' } });

    expect(refused.status).toBe(400);
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://shop.example.com');
    expect(refused.headers.get('access-control-expose-headers')).toContain('x-correlation-id');
    expect(await refused.json()).toMatchObject({ code: 'REQUEST_INVALID', errors: [{ pointer: '#/query/limit' }] });
  });

  it('needs no right that its construct does not give', () => {
    expect(entries.filter(({ level }) => level === 'error')).toStrictEqual([]);
  });
});

import { ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalApp, type RunLogEntry, startLocalApp } from 'waybill/local';
import { createAwsClients } from '../../../../local/start/aws-clients.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../../../local/temporary-folder.ts';
import { synthesizeAccounts } from './accounts/accounts-app.ts';

let folder: TemporaryFolder;
let app: LocalApp;
let issuer: string;
let accounts: string;
const entries: RunLogEntry[] = [];

beforeAll(async () => {
  folder = createTemporaryFolder();
  synthesizeAccounts(folder.path);
  app = await startLocalApp({ folder: folder.path, log: (entry) => entries.push(entry) });
  const { IssuerApiUrl = '', AccountsApiUrl = '' } = app.outputs('Shop');
  issuer = IssuerApiUrl;
  accounts = AccountsApiUrl;
});

afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  folder?.[Symbol.dispose]();
});

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the tests say what they expect of it
  readonly json: any;
}

async function send(
  method: string,
  url: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, json: text === '' ? undefined : JSON.parse(text) };
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function operatorToken(): Promise<string> {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new SecretsManagerClient({ endpoint: app.endpointUrl, region: app.region, credentials });
  const { SecretString = '' } = await client.send(
    new GetSecretValueCommand({ SecretId: app.outputs('Shop')['OperatorSecretArn'] ?? '' }),
  );
  client.destroy();
  const { json } = await send('POST', `${issuer}/token`, {
    grant_type: 'client_credentials',
    client_id: 'operator',
    client_secret: JSON.parse(SecretString).current,
  });
  return json.access_token;
}

/** Of all tables of the run: the log of events, answers under idempotency keys, counted attempts. */
async function allItems(): Promise<string> {
  using clients = createAwsClients(app.endpointUrl, app.region);
  const { TableNames = [] } = await clients.dynamoDb.send(new ListTablesCommand({}));
  const items = await Promise.all(
    TableNames.map(async (TableName) => {
      const { Items, LastEvaluatedKey } = await clients.dynamoDb.send(
        new ScanCommand({ TableName, ConsistentRead: true }),
      );
      expect(LastEvaluatedKey).toBeUndefined();
      return Items;
    }),
  );
  expect(TableNames.length).toBeGreaterThan(5);
  return JSON.stringify(items);
}

describe('accounts on this machine', () => {
  it('publish a key that the first request has made, and where it is', async () => {
    const discovery = await send('GET', `${issuer}/.well-known/openid-configuration`);
    const keys = await send('GET', discovery.json.jwks_uri);

    expect(discovery.json.issuer).toBe(issuer);
    expect(keys.json.keys).toMatchObject([{ kty: 'RSA', alg: 'RS256', use: 'sig' }]);
    expect(keys.headers.get('cache-control')).toBe('public, max-age=300');
  });

  it('let a machine client in that the operator has added', async () => {
    const operator = await operatorToken();
    const added = await send(
      'POST',
      `${accounts}/clients`,
      { name: 'driver', scopes: ['orders:write-for-others'] },
      bearer(operator),
    );
    const granted = await send('POST', `${issuer}/token`, { grant_type: 'client_credentials', ...added.json });

    expect(added.status).toBe(201);
    expect(granted).toMatchObject({ status: 200, json: { token_type: 'Bearer', expires_in: 600 } });
    const refused = await send(
      'POST',
      `${accounts}/clients`,
      { name: 'x', scopes: [] },
      bearer(granted.json.access_token),
    );
    expect(refused.status).toBe(403);
  });

  it('let somebody log in, see the own profile, and refresh', async () => {
    const operator = await operatorToken();
    const ann = { email: 'ann@example.com', password: 'correct horse battery', name: 'Ann' };
    const added = await send('POST', `${accounts}/accounts`, ann, bearer(operator));
    const login = await send('POST', `${issuer}/sessions`, { email: 'Ann@Example.com', password: ann.password });
    const refreshed = await send('POST', `${issuer}/token`, {
      grant_type: 'refresh_token',
      refresh_token: login.json.refresh_token,
    });
    const profile = await send('GET', `${accounts}/account`, undefined, bearer(refreshed.json.access_token));

    expect(added.status).toBe(201);
    expect(login.json.scope).toBe('orders:read orders:write catalog:read account');
    expect(profile.json).toStrictEqual({
      accountId: added.json.accountId,
      email: 'ann@example.com',
      name: 'Ann',
      roles: ['customer'],
    });
  });

  it('leave no personal datum of somebody who is deleted in any table', async () => {
    const bob = { email: 'bob@example.com', password: 'correct horse battery', name: 'Bob Builder' };
    const home = {
      recipient: 'Bob Builder',
      street: '7 Brick Lane',
      postalCode: 'E1 6QL',
      city: 'London',
      country: 'GB',
    };
    const isLeft = async () => {
      const all = (await allItems()).toLowerCase();
      return ['bob@', 'builder', 'brick lane', 'e1 6ql'].filter((datum) => all.includes(datum));
    };
    await send('POST', `${issuer}/registrations`, { ...bob, name: 'Builder, Bob' });
    const added = await send('POST', `${accounts}/accounts`, bob, bearer(await operatorToken()));
    const login = await send('POST', `${issuer}/sessions`, bob);
    const token = bearer(login.json.access_token);
    await send('POST', `${accounts}/account/addresses`, home, { ...token, 'idempotency-key': 'home' });
    expect(await isLeft()).toStrictEqual(['bob@', 'builder', 'brick lane', 'e1 6ql']);

    const deleted = await send('POST', `${accounts}/account/deletion`, { password: bob.password }, token);

    expect(deleted.status).toBe(204);
    expect(await isLeft()).toStrictEqual([]);
    expect(await allItems()).toContain(added.json.accountId);
    const refresh = { grant_type: 'refresh_token', refresh_token: login.json.refresh_token };
    expect((await send('POST', `${issuer}/token`, refresh)).status).toBe(401);
  });

  it('need no right that their constructs do not give', () => {
    expect(entries.filter(({ level }) => level === 'error')).toStrictEqual([]);
  });
});

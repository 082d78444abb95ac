import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMovableClock } from '../../local/clock.ts';
import { driveTime } from '../../local/drive-time.ts';
import { type LocalRun, startLocalRun } from '../../local/run.ts';
import { sendOverWire } from '../fixtures/send-over-wire.ts';
import { sharedAssembly } from '../fixtures/shared-assembly.ts';

const SECRETS = {
  acme: 'whsec_YWNtZSdzIGtleSBvZiAzMiBieXRlcyBsb25nLi4u',
  globex: 'whsec_Z2xvYmV4J3Mga2V5IG9mIDMyIGJ5dGVzIGxvbmcu',
} as const;
const ROTATED = 'whsec_dGhlIGtleSB0aGF0IGZvbGxvd3MgYWNtZSdzIG9sZC4=';

interface Delivery {
  readonly id: string;
  readonly parcel: string;
  readonly secret?: string;
  readonly tenant?: string;
  readonly route?: 'carrier' | 'flooded';
}

let run: LocalRun;
let dynamoDb: DynamoDBClient;
let secretsManager: SecretsManagerClient;

beforeAll(async () => {
  const assemblyFolder = await sharedAssembly('webhook', {}, async (folder) => {
    const { synthesizeWebhookApp } = await import('./webhook/webhook-app.ts');
    synthesizeWebhookApp(folder);
  });
  run = await startLocalRun({
    assemblyFolder,
    clock: createMovableClock(),
    log: () => undefined,
    secrets: {
      'carrier/acme': JSON.stringify({ current: SECRETS.acme }),
      'carrier/globex': JSON.stringify({ current: SECRETS.globex }),
    },
  });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const options = { endpoint: run.endpointUrl, region: run.region, credentials };
  dynamoDb = new DynamoDBClient(options);
  secretsManager = new SecretsManagerClient(options);
});

afterAll(async () => {
  dynamoDb?.destroy();
  secretsManager?.destroy();
  await run?.close();
});

/** The flooded webhook has a route of an HttpEdge's API. */
const apiOf = (route: Delivery['route']): string | undefined =>
  run.deployment.apis.find(({ constructPath }) => constructPath.includes('/Edge/') === (route === 'flooded'))?.url;

const urlOf = ({ tenant = 'acme', route = 'carrier' }: Partial<Delivery>): string =>
  `${apiOf(route)}/webhooks/${tenant}/${route}`;

/** As senders do: 503 is tried again. */
async function send(delivery: Delivery): Promise<number> {
  let status = 503;
  for (let attempt = 0; status === 503 && attempt < 10; attempt++) status = await sendOnce(delivery);
  return status;
}

/** Signed by the sender's own library. */
async function sendOnce({ id, parcel, secret = SECRETS.acme, ...to }: Delivery): Promise<number> {
  const body = JSON.stringify({ type: 'tracking.updated', data: { parcel, status: 'delivered – 配達' } });
  const now = new Date(run.clock.now());
  const { status } = await fetch(urlOf(to), {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign(id, now, body),
    },
  });
  return status;
}

/** How often each parcel's moves had their effect. */
async function effects(): Promise<Readonly<Record<string, number>>> {
  await driveTime(run);
  const TableName = run.deployment.outputs.get('Carrier')?.get('MovesTableName');
  const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName, ConsistentRead: true }));
  return Object.fromEntries(Items.map(({ id, effects: count }) => [id?.S ?? '', Number(count?.N)]));
}

describe('a webhook in a local run', () => {
  it('takes each delivery into effect once, and forged ones never', async () => {
    const ids = Array.from({ length: 10 }, (_, index) => `msg-${index}`);
    const twice = await Promise.all([...ids, ...ids].map((id) => send({ id, parcel: `p-${id}` })));
    const globex = await send({ id: 'msg-0', parcel: 'p-globex', tenant: 'globex', secret: SECRETS.globex });
    const forged = await Promise.all([
      send({ id: 'forged-1', parcel: 'p-forged', secret: SECRETS.globex }),
      send({ id: 'forged-2', parcel: 'p-forged', secret: 'whsec_Zm9yZ2Vk' }),
      send({ id: 'forged-3', parcel: 'p-forged', tenant: 'initech' }),
    ]);

    expect([new Set(twice), globex, forged]).toStrictEqual([new Set([204]), 204, [401, 401, 401]]);
    expect(await effects()).toStrictEqual({
      ...Object.fromEntries(ids.map((id) => [`acme#p-${id}`, 1])),
      'globex#p-globex': 1,
    });
    expect(run.permissions.refusals()).toStrictEqual([]);
    expect(run.permissions.granted().map(({ request }) => request.action)).toContain('secretsmanager:GetSecretValue');
  });

  it('takes the new and the old secret after a rotation, and then the new one alone', async () => {
    const put = (value: object) =>
      secretsManager.send(new PutSecretValueCommand({ SecretId: 'carrier/acme', SecretString: JSON.stringify(value) }));

    await put({ current: ROTATED, previous: SECRETS.acme });
    run.clock.advance(31_000);
    expect(await send({ id: 'rotated-1', parcel: 'p-1', secret: ROTATED })).toBe(204);
    expect(await send({ id: 'rotated-2', parcel: 'p-2' })).toBe(204);

    await put({ current: ROTATED });
    run.clock.advance(301_000);
    expect(await send({ id: 'rotated-3', parcel: 'p-3' })).toBe(401);
    expect(await send({ id: 'rotated-4', parcel: 'p-4', secret: ROTATED })).toBe(204);
  });

  it('refuses 32 GET with 404 and 33 headers over 10,240 bytes with 431, before its function', async () => {
    const { pathname } = new URL(urlOf({}));

    expect((await fetch(urlOf({}))).status).toBe(404);
    const headers = { 'x-filler': 'a'.repeat(17_000) };
    expect((await sendOverWire(run.endpointUrl, { method: 'POST', path: pathname, headers })).status).toBe(431);
  });

  it('refuses 34 a flood with 429, before its function', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        send({ id: `flood-${index}`, parcel: 'p-flood', route: 'flooded', secret: ROTATED }),
      ),
    );

    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(10);
    expect(new Set(statuses)).toStrictEqual(new Set([204, 429]));
    // the other routes of the API have a throttle of their own
    expect((await fetch(`${apiOf('flooded')}/status`)).status).toBe(204);
  });
});

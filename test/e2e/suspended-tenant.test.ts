import { DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { LambdaClient, ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../../cli/run-command.ts';
import { createMovableClock } from '../../local/clock.ts';
import { type LocalRun, startLocalRun } from '../../local/run.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../local/temporary-folder.ts';
import { eventually } from './eventually.ts';
import { synthesizeTenantsApp } from './tenants/tenants-app.ts';

let folder: TemporaryFolder;
let run: LocalRun;
let dynamoDb: DynamoDBClient;
let lambda: LambdaClient;
let sqs: SQSClient;

beforeAll(async () => {
  folder = createTemporaryFolder();
  synthesizeTenantsApp(folder.path, 'https://auth.example.com');
  run = await startLocalRun({ assemblyFolder: folder.path, clock: createMovableClock(), log: () => undefined });
  const options = {
    endpoint: run.endpointUrl,
    region: run.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  dynamoDb = new DynamoDBClient(options);
  lambda = new LambdaClient(options);
  sqs = new SQSClient(options);
});

afterAll(async () => {
  for (const client of [dynamoDb, lambda, sqs]) client?.destroy();
  await run?.close();
  folder?.[Symbol.dispose]();
});

const output = (name: string) => run.deployment.outputs.get('Orders')?.get(name);

/** The change is seen by everybody when it returns. */
async function setTenant(tenantId: string, status: string): Promise<void> {
  const Item = { tenantId: { S: tenantId }, status: { S: status } };
  await dynamoDb.send(new PutItemCommand({ TableName: output('TenantsTableName'), Item }));
  run.clock.advance(1_000);
}

async function place(tenant: string, sub: string) {
  const [issuer] = run.issuers();
  const issued = await fetch(`${issuer?.url}/token`, { method: 'POST', body: new URLSearchParams({ sub, tenant }) });
  const { access_token: token } = (await issued.json()) as { access_token: string };
  const response = await fetch(`${run.deployment.apis[0]?.url}/orders`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': crypto.randomUUID(),
    },
    body: JSON.stringify({ product: 'lamp', quantity: 1 }),
  });
  return { status: response.status, body: await response.json() };
}

async function setConsumer(Enabled: boolean): Promise<void> {
  const consumer = run.deployment.functions.find(({ constructPath }) => constructPath.includes('/Books/'));
  const { EventSourceMappings = [] } = await lambda.send(
    new ListEventSourceMappingsCommand({ FunctionName: consumer?.functionName ?? '' }),
  );
  for (const { UUID } of EventSourceMappings) await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
}

/** Half a minute, unless a function is at work: it could time out. */
function passTime(): void {
  if (run.lambda.activity().invocations > run.lambda.waitingForTime()) return;
  run.clock.advance(30_000);
}

/** Who placed each tenant's booked orders. */
async function booked(): Promise<readonly string[]> {
  const TableName = output('BooksTableName');
  const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName, ConsistentRead: true }));
  return Items.map(({ orderId, orderedBy }) => `${orderId?.S?.split('#')[0]} ${orderedBy?.S}`).toSorted();
}

async function held() {
  const out: string[] = [];
  await runCommand(['held', '--tenant', 'acme', '--json'], {
    openClients: () => ({ dynamoDb, sqs, lambda }),
    clock: run.clock,
    sleep: async () => undefined,
    console: {
      isTerminal: false,
      line: (text) => void out.push(text),
      note: () => undefined,
      progress: () => undefined,
      confirm: async () => undefined,
    },
    operator: 'ann@desk',
  });
  return JSON.parse(out.join('\n')).held;
}

it('events of a suspended tenant wait, longer than their receives last, and flow when the tenant is active', async () => {
  await setTenant('acme', 'active');
  await setTenant('globex', 'active');
  await setConsumer(false);
  expect([(await place('acme', 'user-a')).status, (await place('globex', 'user-g')).status]).toStrictEqual([202, 202]);
  await setTenant('acme', 'suspended');
  await setConsumer(true);

  await eventually(async () => expect(await booked()).toStrictEqual(['globex user-g']));
  await eventually(async () =>
    expect(await held()).toMatchObject([
      {
        consumer: 'books',
        tenantId: 'acme',
        eventType: 'com.example.order.placed',
        state: 'retrying',
        reason: { code: 'TENANT_INACTIVE' },
      },
    ]),
  );
  expect(await place('acme', 'user-a')).toMatchObject({ status: 403, body: { code: 'TENANT_INACTIVE' } });

  const attempts: number[] = [];
  await eventually(async () => {
    passTime();
    attempts.push((await held())[0]?.attempts);
    // a new message has taken the place of one that had used up its three receives
    expect(attempts.filter((count, index) => count < (attempts[index - 1] ?? 0)).length).toBeGreaterThanOrEqual(2);
  });
  const deadLetters = run.deployment.queues.filter(({ constructPath }) =>
    /DeadLetter|Undeliverable/.test(constructPath),
  );
  expect(deadLetters.flatMap(({ arn = '' }) => run.sqs.peek(arn))).toStrictEqual([]);
  expect(await booked()).toStrictEqual(['globex user-g']);

  await setTenant('acme', 'active');
  await eventually(async () => {
    passTime();
    expect(await booked()).toStrictEqual(['acme user-a', 'globex user-g']);
  });
  expect(await held()).toStrictEqual([]);
  expect(run.permissions.refusals()).toStrictEqual([]);
});

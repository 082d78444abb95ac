import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { type Started, startWaybill } from './start-waybill.ts';

const REPOSITORY = join(import.meta.dirname, '../..');

/** The app of the team that has the hub. */
const PLATFORM = `
import { readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { EventHub } from '${REPOSITORY}/infra/constructs/event-hub.ts';
import { defineSettings } from '${REPOSITORY}/infra/environments.ts';

const app = new App();
const settings = defineSettings('dev', JSON.parse(readFileSync('settings.json', 'utf8')));
new EventHub(new Stack(app, 'Platform'), 'Hub', { settings, environmentName: 'dev' });
app.synth();
`;

/** The app of another team: a function that it had before publishes, and a consumer takes it. */
const ORDERS = `
import { readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { Runtime } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { EventConsumer } from '${REPOSITORY}/infra/constructs/event-consumer.ts';
import { EventHub } from '${REPOSITORY}/infra/constructs/event-hub.ts';
import { tableFrom } from '${REPOSITORY}/infra/constructs/table-from.ts';
import { audit } from '${REPOSITORY}/test/e2e/bank/audit/subscription.ts';
import { Deposited } from '${REPOSITORY}/test/e2e/bank/events.ts';

const app = new App();
const stack = new Stack(app, 'Orders', {
  env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
});
const hub = EventHub.fromLookup(stack, 'Hub', {
  environmentName: 'dev',
  settings: JSON.parse(readFileSync('settings.json', 'utf8')),
});
const table = tableFrom(stack, 'Audited', { partitionKey: { name: 'id', type: 'S' } }, hub.settings);
const checkout = new NodejsFunction(stack, 'Checkout', {
  entry: '${REPOSITORY}/test/e2e/foreign/checkout/index.ts',
  depsLockFilePath: '${REPOSITORY}/package-lock.json',
  runtime: Runtime.NODEJS_24_X,
});
hub.grantPublish(checkout, [Deposited]);
const { function: auditor } = new EventConsumer(stack, 'Audit', {
  hub,
  subscription: audit,
  entry: '${REPOSITORY}/test/e2e/bank/audit/index.ts',
});
auditor.useTable(table, 'BANK_TABLE_NAME', ['PutItem']);
for (const id of JSON.parse(readFileSync('queues.json', 'utf8'))) new Queue(stack, id);
app.synth();
`;

let root: string;
let platform: string;
let orders: string;
/** Of the command: whatever stays in it was left behind. */
let temporaryFolder: string;
const running: Started[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'waybill-apps-'));
  for (const [name, app] of Object.entries({ platform: PLATFORM, orders: ORDERS })) {
    const folder = join(root, name);
    await mkdir(folder);
    await symlink(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    await writeFile(join(folder, 'cdk.json'), '{"app":"node app.ts","watch":{"include":["*.json"]}}');
    await writeFile(join(folder, 'app.ts'), app);
    await writeFile(join(folder, 'settings.json'), '{}');
    await writeFile(join(folder, 'queues.json'), '[]');
  }
  platform = join(root, 'platform');
  orders = join(root, 'orders');
});

afterAll(() => rm(root, { recursive: true, force: true }));

beforeEach(async () => {
  temporaryFolder = await mkdtemp(join(tmpdir(), 'waybill-start-'));
});

afterEach(async () => {
  for (const started of running.splice(0)) started.kill('SIGKILL');
  await rm(temporaryFolder, { recursive: true, force: true });
});

function start(...args: readonly string[]): Started {
  const started = startWaybill(REPOSITORY, ['start', ...args], { TMPDIR: temporaryFolder });
  running.push(started);
  return started;
}

describe('waybill start with the app of a hub and the app of a service', () => {
  it('runs both: the service finds the hub, its events arrive, and saved changes of either app are deployed', async () => {
    const started = start(platform, orders, '--watch');
    await started.said(/^The run stays up until Ctrl-C\.$/m);
    const [, endpoint = ''] = /^Endpoint (\S+), region us-east-1$/m.exec(started.stdout()) ?? [];
    const options = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'me', secretAccessKey: 'me' } };
    const lambda = new LambdaClient(options);
    const dynamoDb = new DynamoDBClient(options);
    const functionNamed = async (start: string) =>
      (await lambda.send(new ListFunctionsCommand())).Functions?.find(({ FunctionName }) =>
        FunctionName?.startsWith(start),
      );

    expect(started.stdout()).toMatch(
      /^Running Platform and Orders: 6 tables, 3 queues, 3 rules, 5 functions; consumers audit$/m,
    );

    const checkout = await functionNamed('Orders-Checkout');
    const { Payload } = await lambda.send(
      new InvokeCommand({ FunctionName: checkout?.FunctionName, Payload: '{"accountId":"7"}' }),
    );
    const { eventId } = JSON.parse(Buffer.from(Payload ?? []).toString());
    const { TableNames = [] } = await dynamoDb.send(new ListTablesCommand());
    const audited = TableNames.find((name) => name.startsWith('Orders-Audited'));
    await eventually(async () => {
      const { Items } = await dynamoDb.send(new ScanCommand({ TableName: audited }));
      expect(Items).toStrictEqual([{ id: { S: `audited#${eventId}` } }]);
    });

    await writeFile(join(orders, 'queues.json'), '["Extra"]');
    await started.said(/^created: Orders\/Extra\/Resource$/m);

    await writeFile(join(platform, 'settings.json'), '{"maxReceiveCount":7}');
    await started.said(/^the hub changed: synthesizing …$/m);
    await eventually(async () => {
      const consumer = await functionNamed('Orders-AuditFunction');
      expect(consumer?.Environment?.Variables?.['WAYBILL_MAX_RECEIVE_COUNT']).toBe('7');
    });

    started.kill('SIGINT');
    expect(await started.ended).toBe(130);
    expect(started.stdout()).toContain(`${join(platform, 'settings.json')} changed: synthesizing`);
    expect(await readdir(temporaryFolder)).toStrictEqual([]);
    expect(await readdir(orders)).not.toContain('cdk.context.json');
  });

  it('reports at synth that a service contradicts the hub', async () => {
    await writeFile(join(orders, 'settings.json'), '{"queueRetentionDays":10}');

    const started = start(platform, orders);

    expect(await started.ended).toBe(1);
    expect(started.stderr()).toContain(
      'settings: outboxRetentionDays must be at least 24 (queueRetentionDays 10 + 14 days as a dead letter), got 18',
    );
    await writeFile(join(orders, 'settings.json'), '{}');
  });

  it('says which app to start first if the service is started alone', async () => {
    const started = start(orders);

    expect(await started.ended).toBe(1);
    expect(started.stderr()).toContain(
      "\nThe app looks up the hub of environment 'dev', which does not run: start the app that deploys it first, such as npx waybill start HUB_APP THIS_APP\n",
    );
  });

  it.each([
    [['platform', 'nowhere'], "'nowhere' has neither cdk.json nor manifest.json"],
    [['platform', 'platform'], "'platform' is given twice: name each app once"],
  ])('rejects %j before synthesis', async (folders, message) => {
    const started = startWaybill(REPOSITORY, ['start', ...folders], {}, root);

    expect(await started.ended).toBe(2);
    expect(started.stdout()).toBe('');
    expect(started.stderr()).toContain(message);
  });
});

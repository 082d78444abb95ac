import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ListTablesCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { App, Stack } from 'aws-cdk-lib';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { type Started, startWaybill } from './start-waybill.ts';

const REPOSITORY = join(import.meta.dirname, '../..');

/** An app of its own: hub, producer, consumer, and a function in a language that the local run does not have. */
const APP = `
import { readFileSync } from 'node:fs';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { EventConsumer } from '${REPOSITORY}/infra/constructs/event-consumer.ts';
import { tableFrom } from '${REPOSITORY}/infra/constructs/table-from.ts';
import { WaybillFunction } from '${REPOSITORY}/infra/constructs/waybill-function.ts';
import { selectEnvironment } from '${REPOSITORY}/infra/environments.ts';
import { featureFlags } from '${REPOSITORY}/infra/feature-flags.ts';
import { HubStack } from '${REPOSITORY}/infra/stacks/hub-stack.ts';
import { audit } from '${REPOSITORY}/test/e2e/bank/audit/subscription.ts';
import { BalanceChanged, Deposited } from '${REPOSITORY}/test/e2e/bank/events.ts';

const app = new App({ context: featureFlags() });
const { settings } = selectEnvironment({ env: 'dev' });
const { hub } = new HubStack(app, 'Hub', { settings });
const stack = new Stack(app, app.node.tryGetContext('name'));
const table = tableFrom(stack, 'Table', { partitionKey: { name: 'id', type: 'S' } }, settings);
const publish = new WaybillFunction(stack, 'Publish', {
  entry: '${REPOSITORY}/test/e2e/bank/publish/index.ts',
  serviceName: 'publish',
  settings,
});
hub.grantPublish(publish, [Deposited, BalanceChanged]);
const { function: auditor } = new EventConsumer(stack, 'Audit', {
  hub,
  subscription: audit,
  publishes: [],
  entry: '${REPOSITORY}/test/e2e/bank/audit/index.ts',
  timeout: Duration.seconds(10),
});
auditor.useTable(table, 'BANK_TABLE_NAME', ['PutItem']);
new LambdaFunction(stack, 'Report', {
  runtime: Runtime.PYTHON_3_13,
  handler: 'index.handler',
  code: Code.fromInline('def handler(event, context): return 1'),
});
new WaybillFunction(stack, 'Greet', { entry: 'greet.ts', serviceName: 'greet', settings });
for (const id of JSON.parse(readFileSync('queues.json', 'utf8'))) new Queue(stack, id);
app.synth();
`;

const GREETING = "export const handler = async (): Promise<string> => 'hello';\n";

let appFolder: string;
/** Of the command: whatever stays in it was left behind. */
let temporaryFolder: string;

beforeAll(async () => {
  appFolder = await mkdtemp(join(tmpdir(), 'waybill-app-'));
  await symlink(join(REPOSITORY, 'node_modules'), join(appFolder, 'node_modules'));
  await writeFile(join(appFolder, 'package.json'), '{"type":"module"}');
  await writeFile(join(appFolder, 'cdk.json'), '{"app":"node app.ts","watch":{"include":["*.json","*.ts"]}}');
  await writeFile(join(appFolder, 'app.ts'), APP);
  await writeFile(join(appFolder, 'greet.ts'), GREETING);
  await writeFile(join(appFolder, 'queues.json'), '[]');
});

afterAll(() => rm(appFolder, { recursive: true, force: true }));

beforeEach(async () => {
  temporaryFolder = await mkdtemp(join(tmpdir(), 'waybill-start-'));
});

afterEach(async () => {
  for (const started of running.splice(0)) started.kill('SIGKILL');
  await rm(temporaryFolder, { recursive: true, force: true });
});

const running: Started[] = [];

function start(...args: readonly string[]): Started {
  const started = startWaybill(REPOSITORY, ['start', ...args], { TMPDIR: temporaryFolder });
  running.push(started);
  return started;
}

const IS_UP = /^The run stays up until Ctrl-C\.$/m;

/** Interrupts it as Ctrl-C does. */
async function interrupt(started: Started): Promise<string> {
  started.kill('SIGINT');
  expect(await started.ended).toBe(130);
  expect(await readdir(temporaryFolder)).toStrictEqual([]);
  return started.stdout();
}

describe('waybill start', () => {
  it('rejects a function in another language by name, and says how to run everything else', async () => {
    const started = start(appFolder, '-c', 'name=Bank');

    expect(await started.ended).toBe(1);
    expect(started.stderr()).toMatch(
      /property 'Runtime' is 'python3\.13'; the local run has 'nodejs20\.x', 'nodejs22\.x', 'nodejs24\.x' only/,
    );
    expect(started.stderr()).toMatch(/^To run all else: --without Bank\/Report$/m);
    expect(await readdir(temporaryFolder)).toStrictEqual([]);
  });

  it('starts everything else, delivers events, deploys saved changes, and stops on Ctrl-C', async () => {
    const started = start(appFolder, '-c', 'name=Bank', '--without', 'Bank/Report', '--watch');
    await started.said(IS_UP);
    const [, endpoint = ''] = /^Endpoint (\S+), region us-east-1$/m.exec(started.stdout()) ?? [];
    const options = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'me', secretAccessKey: 'me' } };
    const lambda = new LambdaClient(options);
    const dynamoDb = new DynamoDBClient(options);

    expect(started.stdout()).toMatch(
      /^Running Hub and Bank: 6 tables, 3 queues, 3 rules, 6 functions; consumers audit$/m,
    );
    expect(started.stdout()).toMatch(
      /^Without Bank\/Report: AWS::IAM::Role, AWS::Lambda::Function, AWS::Logs::LogGroup$/m,
    );
    expect(started.stdout()).toContain(`export AWS_ENDPOINT_URL=${endpoint} `);

    const tableName = (await dynamoDb.send(new ListTablesCommand())).TableNames?.find((name) =>
      name.startsWith('Bank-Table'),
    );
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand());
    const publishName = Functions.find(({ FunctionName = '' }) =>
      FunctionName.startsWith('Bank-Publish'),
    )?.FunctionName;
    const deposit = { accountId: '7', amount: 1, behaviour: 'handle' };
    const { Payload } = await lambda.send(
      new InvokeCommand({ FunctionName: publishName, Payload: JSON.stringify([deposit]) }),
    );
    const [eventId] = JSON.parse(Buffer.from(Payload ?? []).toString());
    await eventually(async () => {
      const { Items } = await dynamoDb.send(new ScanCommand({ TableName: tableName }));
      expect(Items).toStrictEqual([{ id: { S: `audited#${eventId}` } }]);
    });

    const sqs = new SQSClient(options);
    const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand());
    const QueueUrl = QueueUrls.find((url) => url.includes('AuditDeadLetterQueue'));
    const letter = { QueueUrl, MessageBody: 'no event', MessageGroupId: 'g', MessageDeduplicationId: 'd' };
    await sqs.send(new SendMessageCommand(letter));
    await started.said(
      /^audit: 1 dead letter\. .*\n {2}aws --endpoint-url \$AWS_ENDPOINT_URL sqs start-message-move-task --source-arn arn:aws:sqs:\S+AuditDeadLetterQueue\S+$/m,
    );

    await writeFile(join(appFolder, 'queues.json'), '["Extra"]');
    await started.said(/^created: Bank\/Extra\/Resource$/m);

    const stdout = await interrupt(started);
    expect(stdout).toContain('queues.json changed: synthesizing');
    expect(stdout).toMatch(/Stopping … \(once more to stop at once\)\nStopped\.\n$/);
  });

  it('takes over code alone without a synthesis, and keeps the old code while the new one cannot be bundled', async () => {
    const started = start(appFolder, '-c', 'name=Bank', '--without', 'Bank/Report', '--watch');
    await started.said(IS_UP);
    const [, endpoint = ''] = /^Endpoint (\S+), region us-east-1$/m.exec(started.stdout()) ?? [];
    const credentials = { accessKeyId: 'me', secretAccessKey: 'me' };
    const lambda = new LambdaClient({ endpoint, region: 'us-east-1', credentials });
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand());
    const { FunctionName } = Functions.find((each) => each.FunctionName?.startsWith('Bank-Greet')) ?? {};
    const greet = async (): Promise<unknown> => {
      const { Payload } = await lambda.send(new InvokeCommand({ FunctionName }));
      return JSON.parse(Buffer.from(Payload ?? []).toString());
    };
    expect(await greet()).toBe('hello');

    await writeFile(join(appFolder, 'greet.ts'), GREETING.replace('hello', 'good morning'));
    await started.said(/^new code: greet$/m);
    expect(await greet()).toBe('good morning');

    await writeFile(join(appFolder, 'greet.ts'), 'export const handler = async () => {;');
    await started.warned(/function 'Bank\/Greet' cannot be bundled: entry 'greet\.ts': .* \(greet\.ts:1:\d+\)/);
    expect(await greet()).toBe('good morning');

    await writeFile(join(appFolder, 'greet.ts'), GREETING);
    await eventually(async () => expect(await greet()).toBe('hello'));
    expect(await interrupt(started)).not.toContain('synthesizing');
  });

  it('tells at the start of code that cannot be loaded', async () => {
    await writeFile(join(appFolder, 'greet.ts'), `${GREETING}throw new TypeError('no greeting');\n`);

    const started = start(appFolder, '-c', 'name=Bank', '--without', 'Bank/Report');
    await started.warned(/^Bank\/Greet cannot start: TypeError: no greeting/m);

    await interrupt(started);
    await writeFile(join(appFolder, 'greet.ts'), GREETING);
  });

  it('runs the output of cdk synth, even of an app without a hub', async () => {
    const assembly = join(appFolder, 'cdk.out');
    const app = new App({ outdir: assembly });
    new Queue(new Stack(app, 'Queues'), 'Queue');
    app.synth();

    const started = start(assembly);
    await started.said(IS_UP);

    expect(await interrupt(started)).toMatch(/^Running Queues: .*\nNo hub: no function is told of an outbox\n/);
  });

  it.each([
    [
      ['nowhere'],
      "'nowhere' has neither cdk.json nor manifest.json: name the folder of a CDK app, or what cdk synth wrote",
    ],
    [
      ['--driver', 'gone.ts', '--orders', '5'],
      "there is no driver 'gone.ts': the app runs without it\nunknown option '--orders'",
    ],
  ])('rejects %j before synthesis', async (args, message) => {
    const started = startWaybill(REPOSITORY, ['start', ...args], {}, temporaryFolder);

    expect(await started.ended).toBe(2);
    expect(started.stdout()).toBe('');
    expect(started.stderr()).toContain(message);
  });

  it('rejects, before synthesis, a port that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;

    const started = start(appFolder, '-c', 'name=Bank', '--port', String(port));

    expect(await started.ended).toBe(2);
    expect(started.stdout()).toBe('');
    expect(started.stderr()).toBe(`port ${port} is taken: choose another, or leave it out for a free one\n`);
    server.close();
  });

  it('passes all arguments to its driver, and exits with the status of the driver', async () => {
    await mkdir(join(appFolder, 'drivers'));
    await writeFile(
      join(appFolder, 'drivers/echo.ts'),
      'export const main = async (args: readonly string[]) => (console.log(JSON.stringify(args)), 7);',
    );
    await writeFile(join(appFolder, 'drivers/none.ts'), 'export const other = 1;');

    const driven = start('--orders', '5', '--driver', join(appFolder, 'drivers/echo.ts'), '--help');
    const none = start('--driver', join(appFolder, 'drivers/none.ts'));

    expect([await driven.ended, driven.stdout()]).toStrictEqual([7, '["--orders","5","--help"]\n']);
    expect(await none.ended).toBe(2);
    expect(none.stderr()).toMatch(/^--driver must name a module that exports main\(args\), got /);
  });
});

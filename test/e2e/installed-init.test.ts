import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { packPackage, runIn, runOn, userEnvironment } from './packed-package.ts';
import { startProcess } from './start-waybill.ts';

/** Of the package `node-<platform>-<arch>`, which is one executable. */
const NODE_22 = '22.23.3';
const NODE_PACKAGE = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;

const QUIET = ['--no-audit', '--no-fund', '--prefer-offline'];

/** Holds the project, and what it is made with. */
let folder: string;
let project: string;

beforeAll(async () => {
  const tarball = await packPackage();
  folder = mkdtempSync(join(tmpdir(), 'waybill-init-'));
  project = join(folder, 'orders');
  const tools = join(folder, 'tools');
  // without CDK: init needs none
  await runIn(
    folder,
    'npm',
    'install',
    ...QUIET,
    '--omit=peer',
    '--prefix',
    tools,
    tarball,
    `${NODE_PACKAGE}@${NODE_22}`,
  );
  const written = await runIn(folder, join(tools, 'node_modules/.bin/waybill'), 'init', 'orders', '--package', tarball);
  expect(written).toContain('Next:\n  cd orders\n  npm install\n  npm start');
  await runIn(project, 'npm', 'install', ...QUIET);
});

afterAll(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

it('a project that init wrote type-checks under strict, with the declarations of all packages', async () => {
  expect(await runIn(project, 'npm', 'run', '--silent', 'check:types')).toBe('');
});

it('a project that init wrote fails its synth on a cdk-nag finding', async () => {
  const path = join(project, 'infra/orders-stack.ts');
  const before = readFileSync(path, 'utf8');
  const planted = "    new Bucket(this, 'Open');\n    const shipments";
  writeFileSync(
    path,
    `import { Bucket } from 'aws-cdk-lib/aws-s3';\n${before.replace('    const shipments', planted)}`,
  );

  await expect(runIn(project, 'npm', 'run', 'synth')).rejects.toThrow('AwsSolutions-S10');

  writeFileSync(path, before);
});

describe.each(['22', '24'])('a project that init wrote, on Node %s', (major) => {
  const nodeFolder = () =>
    major === '22' ? join(folder, 'tools/node_modules', NODE_PACKAGE, 'bin') : dirname(process.execPath);
  const run = (...args: readonly string[]) => runOn(nodeFolder(), project, 'npm', ...args);

  it('runs on that version', async () => {
    expect(await run('exec', '--', 'node', '--version')).toMatch(new RegExp(`^v${major}\\.`));
  });

  it('passes its tests', async () => {
    expect(await run('test')).toMatch(/Tests .*7 passed/);
  });

  it('synthesizes for production without cdk-nag findings', async () => {
    await run('run', 'synth', '--', '-c', 'env=prod');

    expect(readdirSync(join(project, 'cdk.out'))).toContain('orders-prod-orders.template.json');
  });

  it('starts, accepts the command at the printed endpoint, and its consumer handles the event', async () => {
    const command = join(project, 'node_modules/.bin/waybill');
    const options = { cwd: project, env: userEnvironment(nodeFolder()) };
    const started = startProcess(command, ['start', '--logs', 'shipping'], options);
    try {
      await started.said(/stays up until/);
      const endpoint = /Endpoint (http:\S+),/.exec(started.stdout())?.[1] ?? '';
      const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
      const lambda = new LambdaClient({ endpoint, region: 'us-east-1', credentials });
      const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
      const name = Functions.map(({ FunctionName }) => FunctionName).find((each) => each?.includes('PlaceOrder'));

      const answer = await lambda.send(
        new InvokeCommand({ FunctionName: name, Payload: readFileSync(join(project, 'order.json')) }),
      );

      expect(JSON.parse(answer.Payload?.transformToString() ?? '')).toStrictEqual({
        orderId: '1042',
        outcome: 'placed',
      });
      await eventually(() => expect(started.stdout()).toMatch(/shipping +INFO +shipment created .*order_id=1042/));
      lambda.destroy();
    } finally {
      started.kill('SIGINT');
    }
    expect(await started.ended).toBe(130);
    expect(started.stderr()).toBe('');
  });
});

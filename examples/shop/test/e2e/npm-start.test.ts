import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { SQSClient, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, describe, expect, it, onTestFailed } from 'vitest';
import { startWaybill } from '../../../../test/e2e/start-waybill.ts';
import type { Invariant } from '../../local/invariants/invariant.ts';

const MAIN = join(import.meta.dirname, '../../local/main.ts');
const REPOSITORY = join(import.meta.dirname, '../../../..');
const DRIVEN = ['start', '--driver', 'examples/shop/local/main.ts'];

/** The run's own temporary folder: whatever stays in it was left behind. */
let temporaryFolder: string;
let inputFolder: string;

beforeEach(async () => {
  temporaryFolder = await mkdtemp(join(tmpdir(), 'waybill-start-'));
  inputFolder = await mkdtemp(join(tmpdir(), 'waybill-input-'));
});

afterEach(async () => {
  await rm(temporaryFolder, { recursive: true, force: true });
  await rm(inputFolder, { recursive: true, force: true });
});

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param onStderr may send the process a signal once it has said something */
function start(args: readonly string[], onStderr?: (text: string, kill: (signal: NodeJS.Signals) => void) => void) {
  return new Promise<Ended>((resolve) => {
    const child = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, TMPDIR: temporaryFolder } });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    let isKilled = false;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      // a second signal would stop the run at once
      if (!isKilled) onStderr?.(stderr, (signal) => (isKilled = child.kill(signal)));
    });
    child.once('close', (status) => resolve({ status, stdout, stderr }));
  });
}

const lastLineOf = (text: string) => JSON.parse(text.trimEnd().split('\n').at(-1) ?? '');

const invariantsOf = (text: string): Invariant[] => lastLineOf(text).invariants;

const namesOf = (text: string) => invariantsOf(text).map(({ name }) => name);

/** The invariants that do not hold. */
const broken = (text: string) => invariantsOf(text).filter(({ holds }) => !holds);

describe('npm start', () => {
  it('fulfils the orders of a file, reports its bad lines, and cleans up', async () => {
    const input = join(inputFolder, 'orders.csv');
    await writeFile(
      input,
      'InvoiceNo,InvoiceDate,CustomerID,TotalPrice\n' +
        '536365,2010-12-01,17850,139.12\n536366,2010-12-01,17850,1000.00\n536367,2010-12-01,,5.00\n',
    );

    const { status, stdout, stderr } = await start(['--input', input, '--exit', '--json']);

    expect({ status, lines: stdout.trimEnd().split('\n').length }).toStrictEqual({ status: 0, lines: 1 });
    expect(lastLineOf(stdout)).toMatchObject({
      fulfilment: 'choreographed',
      tenants: 0,
      orders: 2,
      badLines: 1,
      failed: 0,
      deadLetters: 0,
      lost: 0,
      states: { shipped: 1, cancelledByPayment: 1 },
      sums: { shipped: 13_912, cancelledByPayment: 100_000 },
      latencyMs: { p50: expect.any(Number), p99: expect.any(Number) },
      readModels: [
        {
          tenant: null,
          orderOverview: { shipped: 1, cancelledByPayment: 1 },
          revenueByDay: [expect.objectContaining({ orders: 2, captured: 13_912, refunded: 0, net: 13_912 })],
        },
      ],
    });
    expect(broken(stdout)).toStrictEqual([]);
    expect(stderr).toContain(`${input}:4`);
    expect(await readdir(temporaryFolder)).toStrictEqual([]);
  });

  it('loses, repeats and reorders nothing under faults, and lists the injected faults', async () => {
    const { status, stdout, stderr } = await start(['--orders', '25', '--chaos', '3', '--exit', '--json']);

    expect({ status, broken: broken(stdout) }).toStrictEqual({ status: 0, broken: [] });
    expect(lastLineOf(stdout)).toMatchObject({
      orders: 25,
      lost: 0,
      repeatedEffects: 0,
      orderBreaks: 0,
      states: { cancelledByPayment: 2, cancelledByStock: 1 },
      chaos: 3,
      injected: { throttle: expect.any(Number), 'lost-response': expect.any(Number) },
    });
    expect(stderr).toContain('faults on: seed 3');
  });

  it('ends with the same results with a saga, for tenants with equal order ids', async () => {
    const { status, stdout } = await start([
      '--orders',
      '25',
      '--saga',
      'orchestrated',
      '--tenants',
      '2',
      '--exit',
      '--json',
    ]);

    expect({ status, broken: broken(stdout) }).toStrictEqual({ status: 0, broken: [] });
    expect(lastLineOf(stdout)).toMatchObject({
      fulfilment: 'orchestrated',
      tenants: 2,
      orders: 50,
      cancellations: 2,
      states: { 'in-review': 2, cancelledByPayment: 4, cancelledByStock: 2 },
      sums: { 'in-review': 63_500, cancelledByPayment: 378_000, cancelledByStock: 5_800 },
      readModels: [{ tenant: 'tenant-1' }, { tenant: 'tenant-2' }],
    });
    expect(namesOf(stdout)).toStrictEqual(
      expect.arrayContaining([
        'sagas: each has come to the end of its order',
        'isolation: each item, and each transaction, is of one tenant',
      ]),
    );
  });

  it('writes the logs of one function as JSON lines to stdout, and everything else to stderr', async () => {
    const { status, stdout, stderr } = await start(['--orders', '2', '--logs', 'payments', '--json-logs', '--exit']);

    expect(status).toBe(0);
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(new Set(lines.map(({ service }) => service))).toStrictEqual(new Set(['payments']));
    expect(lines).toContainEqual(expect.objectContaining({ message: 'payment captured', order_id: '1001' }));
    expect(stderr).toContain('Every order reached its final state');
  });

  it('rejects the logs of an unknown function, and lists the functions', async () => {
    const { status, stderr } = await start(['--orders', '2', '--logs', 'billing', '--exit']);

    expect(status).toBe(2);
    expect(stderr).toMatch(
      /--logs must name one of relay, sweeper, .*orders, payments, .*place-order.*, or a function, got 'billing'/,
    );
  });

  it('stops on Ctrl-C, and cleans up', async () => {
    const { status } = await start(['--orders', '3', '--json'], (text, kill) => {
      if (text.includes('Endpoint http://127.0.0.1')) kill('SIGINT');
    });

    expect(status).toBe(130);
    expect(await readdir(temporaryFolder)).toStrictEqual([]);
  });

  it('keeps running, prints how to redrive a dead letter, and corrects its verdict after the redrive', async () => {
    // three tries take seconds, the five of dev a minute
    await writeFile(join(inputFolder, '.cdk.json'), '{"context":{"setting:maxReceiveCount":"3"}}');
    const started = startWaybill(REPOSITORY, [...DRIVEN, '--orders', '3'], {
      TMPDIR: temporaryFolder,
      HOME: inputFolder,
    });
    onTestFailed(() => console.error(started.stdout(), started.stderr()));
    try {
      await started.said(/^The run stays up until Ctrl-C/m);
      const [, endpoint = ''] = /^Endpoint (\S+), /m.exec(started.stdout()) ?? [];
      const [, external = ''] = /^ {2}export EXTERNAL=(\S+)$/m.exec(started.stdout()) ?? [];
      const options = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'me', secretAccessKey: 'me' } };
      const lambda = new LambdaClient(options);
      const { Functions = [] } = await lambda.send(new ListFunctionsCommand());
      const placeOrder = Functions.find(({ FunctionName = '' }) => FunctionName.includes('PlaceOrder'))?.FunctionName;
      await fetch(`${external}/faults`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ system: 'payment-gateway', fault: { kind: 'error', status: 400 }, times: 50 }),
      });
      const order = {
        orderId: 'mine-1',
        customerId: 'me',
        lines: [{ sku: 'TEA-ASSAM-250G', quantity: 1 }],
        total: { currency: 'GBP', minorUnits: 695 },
      };
      await lambda.send(new InvokeCommand({ FunctionName: placeOrder, Payload: JSON.stringify(order) }));

      await started.said(/^The run has moved on, and was judged again\.\n\nNot everything is where it should be:$/m);
      const [, sourceArn] =
        /^payments: 1 dead letter\. .*:\n {2}aws --endpoint-url \$AWS_ENDPOINT_URL sqs start-message-move-task --source-arn (\S+)$/m.exec(
          started.stdout(),
        ) ?? [];
      await fetch(`${external}/faults`, { method: 'DELETE', headers: { 'content-type': 'application/json' } });
      await new SQSClient(options).send(new StartMessageMoveTaskCommand({ SourceArn: sourceArn }));

      await started.said(/^The run has moved on, and was judged again\.\n\nEvery order reached its final state/m);
    } finally {
      started.kill('SIGINT');
      await started.ended;
    }
  });

  it('rejects, before synthesis, a port that is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;

    const { status, stdout, stderr } = await start(['--port', String(port)]);

    expect({ status, stdout, stderr }).toStrictEqual({
      status: 2,
      stdout: '',
      stderr: `port ${port} is taken: choose another, or leave it out for a free one\n`,
    });
    server.close();
  });

  it('rejects, before synthesis, a file without orders', async () => {
    const input = join(inputFolder, 'orders.csv');
    await writeFile(input, 'InvoiceNo,InvoiceDate,CustomerID,TotalPrice\n1,yesterday,17850,5.00\n');

    const { status, stdout, stderr } = await start(['--input', input, '--exit']);

    expect({ status, stdout }).toStrictEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`${input}:2: skipped: InvoiceDate 'yesterday' is no date`);
    expect(stderr).toContain('holds no order that can be placed');
  });

  it.each([
    [['--ordres', '5'], '--ordres'],
    [['--orders', 'many'], "'many'"],
    [['--input', '/no/such/file.csv'], '/no/such/file.csv'],
    [['--env', 'production'], 'dev, staging, prod'],
    [['--saga', 'both'], 'choreographed, orchestrated'],
    [['--tenants', '0'], '1 to 20'],
    [['--logs', 'paymments'], "got 'paymments', which no source mentions; did you mean 'payments'?"],
  ])('rejects %j with one line that names the allowed values', async (args, named) => {
    const { status, stdout, stderr } = await start(args);

    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(named);
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  });
});

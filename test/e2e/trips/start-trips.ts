import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListSchedulesCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { SQSClient } from '@aws-sdk/client-sqs';
import type * as z from 'zod';
import { runCommand } from '../../../cli/run-command.ts';
import { SAGAS_TABLE } from '../../../lib/definitions/index.ts';
import { createSagaReader, parseSagaItem, type SagaReader } from '../../../lib/saga/index.ts';
import { systemSleep } from '../../../lib/shared/backoff.ts';
import { createDynamoDbTableStore, createTenantTableReader } from '../../../lib/tenancy/index.ts';
import { createMovableClock } from '../../../local/clock.ts';
import { driveTime } from '../../../local/drive-time.ts';
import { type LocalRun, startLocalRun } from '../../../local/run.ts';
import { type HeldToPolicy, heldToPolicy } from '../../fixtures/held-to-policy.ts';
import { sharedAssembly } from '../../fixtures/shared-assembly.ts';
import type { TripRequested } from './events.ts';

export interface Trips extends AsyncDisposable {
  readonly run: LocalRun;
  readonly sqs: SQSClient;
  readonly reader: SagaReader;
  /** By name of the stack's output. */
  output(name: string): string;
  request(trip: z.infer<typeof TripRequested.schema>): Promise<void>;
  /** Names of the schedules that have not fired. */
  schedules(): Promise<readonly string[]>;
  /** Waits until nothing moves; time takes its own pace. */
  settle(): Promise<void>;
  /** Runs an operator's command, allowed what `waybill iam` prints for it. */
  waybill(...args: readonly string[]): Promise<{ readonly status: number; readonly out: string; readonly err: string }>;
  /** Rights of a command that no run of it has needed. */
  unusedRights(command: string): readonly string[] | undefined;
  /** Lets time pass, and whatever follows from it. */
  advance(seconds: number): Promise<void>;
}

export async function startTrips(): Promise<Trips> {
  const assemblyFolder = await sharedAssembly('trips', {}, async (folder) => {
    const { synthesizeTrips } = await import('./trips-app.ts');
    synthesizeTrips(folder);
  });
  await using opened = new AsyncDisposableStack();

  const clock = createMovableClock();
  const run = await startLocalRun({
    assemblyFolder,
    clock,
    log: () => undefined,
  });
  opened.defer(run.close);
  const options = {
    endpoint: run.endpointUrl,
    region: run.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const dynamoDb = new DynamoDBClient(options);
  const lambda = new LambdaClient(options);
  const scheduler = new SchedulerClient(options);
  const sqs = new SQSClient(options);
  opened.defer(() => [dynamoDb, lambda, scheduler, sqs].forEach((client) => void client.destroy()));

  const output = (name: string) => run.deployment.outputs.get('Trips')?.get(name) ?? '';
  const table = createTenantTableReader({
    store: createDynamoDbTableStore(dynamoDb),
    tableName: output('SagasTableName'),
    schema: SAGAS_TABLE,
    tenancy: { keyPrefix: () => '' },
    parse: parseSagaItem,
  });

  const policies = new Map<string, HeldToPolicy>();

  const policyFor = async (command: string) => {
    const { out } = await runAsOperator(['iam', command, '--json']);
    return heldToPolicy(JSON.parse(out), { region: run.region, accountId: '000000000000' });
  };

  const runAsOperator = async (args: readonly string[], policy?: HeldToPolicy) => {
    const out: string[] = [];
    const err: string[] = [];
    using clients = new DisposableStack();
    const opened = <Client extends DynamoDBClient | SQSClient | LambdaClient>(client: Client) =>
      clients.adopt(policy === undefined ? client : policy.hold(client), () => client.destroy());
    const status = await runCommand(args, {
      openClients: () => ({
        dynamoDb: opened(new DynamoDBClient(options)),
        sqs: opened(new SQSClient(options)),
        lambda: opened(new LambdaClient(options)),
      }),
      clock,
      sleep: systemSleep,
      console: {
        isTerminal: false,
        line: (text) => void out.push(text),
        note: (text) => void err.push(text),
        progress: () => undefined,
        confirm: async () => undefined,
      },
      operator: 'ada@desk',
    });
    return { status, out: out.join('\n'), err: err.join('\n') };
  };

  const open = opened.move();
  return {
    run,
    sqs,
    output,
    settle: () => run.settled(),
    reader: createSagaReader(table),
    async request(trip) {
      const { FunctionError, Payload } = await lambda.send(
        new InvokeCommand({ FunctionName: output('RequestFunctionName'), Payload: JSON.stringify(trip) }),
      );
      if (FunctionError !== undefined) throw new Error(Buffer.from(Payload ?? []).toString());
    },
    schedules: async () => {
      const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand({}));
      return Schedules.map(({ Name = '' }) => Name);
    },
    async waybill(...args) {
      const [command = ''] = args;
      const policy = policies.get(command) ?? (await policyFor(command));
      policies.set(command, policy);
      return runAsOperator(args, policy);
    },
    unusedRights: (command) => policies.get(command)?.unused(),
    async advance(seconds) {
      clock.advance(seconds * 1000);
      await driveTime(run);
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

import { type AttributeValue, DynamoDBClient, PutItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SchedulerClient } from '@aws-sdk/client-scheduler';
import { SQSClient } from '@aws-sdk/client-sqs';
import type * as z from 'zod';
import { runCommand } from '../../../cli/run-command.ts';
import { createMovableClock } from '../../../local/clock.ts';
import { driveTime } from '../../../local/drive-time.ts';
import { type LocalRun, startLocalRun } from '../../../local/run.ts';
import { sharedAssembly } from '../../fixtures/shared-assembly.ts';
import type { Deposited } from '../bank/events.ts';
import type { TripRequested } from '../trips/events.ts';

type Item = Readonly<Record<string, AttributeValue>>;
type Deposit = z.infer<typeof Deposited.schema>;

/** The stored app at work. */
export interface StoredRun extends AsyncDisposable {
  readonly run: LocalRun;
  readonly clients: {
    readonly dynamoDb: DynamoDBClient;
    readonly streams: DynamoDBStreamsClient;
    readonly lambda: LambdaClient;
    readonly scheduler: SchedulerClient;
    readonly sqs: SQSClient;
  };
  /** By name of the stack's output. */
  output(name: string): string;
  tableAt(constructPath: string): string;
  queueAt(constructPath: string): { readonly url: string; readonly arn: string };
  scan(tableName: string): Promise<readonly Item[]>;
  /** Calls a function, and answers what it answers. */
  invoke(functionName: string, payload: unknown): Promise<unknown>;
  /** Publishes deposits of one account, in one transaction. */
  deposit(accountId: string, ...behaviours: readonly Deposit['behaviour'][]): Promise<readonly string[]>;
  request(trip: z.infer<typeof TripRequested.schema>): Promise<void>;
  /** Ids of the account's deposits in the order in which their effects were committed. */
  journal(accountId: string): Promise<readonly string[]>;
  /** How often each deposit had its effect, by consumer and id. */
  effects(): Promise<Readonly<Record<string, number>>>;
  /** Makes deposits that fail until then succeed. */
  mend(): Promise<void>;
  /** Runs an operator's command. */
  waybill(...args: readonly string[]): Promise<{ readonly status: number; readonly out: string; readonly err: string }>;
  /** Waits until nothing moves; where only time is missing, moves it. */
  settle(): Promise<void>;
  /** Lets time pass, and whatever follows from it. */
  advance(seconds: number): Promise<void>;
}

/** @param startsAt in the run's time: not in the past */
export async function startStored(startsAt: number): Promise<StoredRun> {
  await using opened = new AsyncDisposableStack();
  const assemblyFolder = await sharedAssembly('stored', {}, async (folder) => {
    const { synthesizeStored } = await import('./stored-app.ts');
    synthesizeStored(folder);
  });

  const clock = createMovableClock();
  clock.advance(startsAt - clock.now());
  const run = await startLocalRun({ assemblyFolder, clock, log: () => undefined });
  opened.defer(run.close);
  const options = {
    endpoint: run.endpointUrl,
    region: run.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const clients = {
    dynamoDb: new DynamoDBClient(options),
    streams: new DynamoDBStreamsClient(options),
    lambda: new LambdaClient(options),
    scheduler: new SchedulerClient(options),
    sqs: new SQSClient(options),
  };
  opened.defer(() => Object.values(clients).forEach((client) => void client.destroy()));

  const output = (name: string) => run.deployment.outputs.get('Stored')?.get(name) ?? '';
  const found = <Resource extends { readonly constructPath: string }>(all: readonly Resource[], path: string) => {
    const resource = all.find(({ constructPath }) => constructPath === path);
    if (resource === undefined) {
      throw new Error(`nothing at ${path}, only ${all.map(({ constructPath }) => constructPath).join(', ')}`);
    }
    return resource;
  };
  const scan = async (TableName: string): Promise<readonly Item[]> => {
    const items: Item[] = [];
    const pages = paginateScan({ client: clients.dynamoDb }, { TableName, ConsistentRead: true });
    for await (const { Items = [] } of pages) items.push(...Items);
    return items;
  };
  const bankItems = async (prefix: string) =>
    (await scan(output('BankTableName'))).filter((item) => item['id']?.S?.startsWith(prefix));
  const invoke = async (FunctionName: string, payload: unknown): Promise<unknown> => {
    const command = new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload) });
    const { Payload, FunctionError } = await clients.lambda.send(command);
    const answer: unknown = JSON.parse(Buffer.from(Payload ?? []).toString() || 'null');
    if (FunctionError !== undefined) throw new Error(JSON.stringify(answer));
    return answer;
  };

  const open = opened.move();
  return {
    run,
    clients,
    output,
    scan,
    invoke,
    tableAt: (path) => found(run.deployment.tables, path).tableName,
    queueAt(path) {
      const { url, arn = '' } = found(run.deployment.queues, path);
      return { url, arn };
    },
    deposit: async (accountId, ...behaviours) =>
      (await invoke(
        output('PublishFunctionName'),
        behaviours.map((behaviour) => ({ accountId, amount: 1, behaviour })),
      )) as readonly string[],
    async request(trip) {
      await invoke(output('RequestFunctionName'), trip);
    },
    async journal(accountId) {
      const [item] = await bankItems(`journal#account#${accountId}`);
      return (item?.['entries']?.L ?? []).map(({ S = '' }) => S);
    },
    effects: async () =>
      Object.fromEntries(
        [...(await bankItems('effects#')), ...(await bankItems('ledger#'))].map((item) => [
          item['id']?.S ?? '',
          Number(item['effects']?.N ?? item['entries']?.N),
        ]),
      ),
    async mend() {
      const command = new PutItemCommand({ TableName: output('BankTableName'), Item: { id: { S: 'mended' } } });
      await clients.dynamoDb.send(command);
    },
    async waybill(...args) {
      const out: string[] = [];
      const err: string[] = [];
      const status = await runCommand(args, {
        openClients: () => clients,
        clock,
        sleep: async () => undefined,
        console: {
          isTerminal: false,
          line: (text) => void out.push(text),
          note: (text) => void err.push(text),
          progress: () => undefined,
          confirm: async () => undefined,
        },
        operator: 'ann@desk',
      });
      return { status, out: out.join('\n'), err: err.join('\n') };
    },
    settle: () => driveTime(run),
    async advance(seconds) {
      clock.advance(seconds * 1000);
      await driveTime(run);
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

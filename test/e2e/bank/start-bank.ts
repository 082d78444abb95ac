import {
  type AttributeValue,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SQSClient } from '@aws-sdk/client-sqs';
import { createMovableClock } from '../../../local/clock.ts';
import { driveTime } from '../../../local/drive-time.ts';
import { type LocalRun, type RunFaults, startLocalRun } from '../../../local/run.ts';
import type { DeployedQueue } from '../../../local/template/deployment.ts';
import { sharedAssembly } from '../../fixtures/shared-assembly.ts';
import type { BEHAVIOURS } from './events.ts';

interface Deposit {
  readonly accountId: string;
  readonly amount: number;
  readonly behaviour: (typeof BEHAVIOURS)[number];
}

type Item = Readonly<Record<string, AttributeValue>>;

export interface Bank {
  readonly run: LocalRun;
  readonly sqs: SQSClient;
  readonly dynamoDb: DynamoDBClient;
  readonly logLines: readonly string[];
  /** Publishes through the deployed function, as a caller would. */
  publish(...deposits: readonly Partial<Deposit>[]): Promise<readonly string[]>;
  /** How often each event had its effect, by event id. */
  effects(): Promise<Readonly<Record<string, number>>>;
  /** Ids of the account's events in the order in which their effects were committed. */
  journal(accountId: string): Promise<readonly string[]>;
  /** Ids of the events that the audit consumer has noted. */
  audited(): Promise<readonly string[]>;
  /** Markers of events that are not published. */
  pending(): Promise<readonly Item[]>;
  /** The log: events and heads. */
  outbox(): Promise<readonly Item[]>;
  /** Name of a table of the hub: `Outbox`, `Inbox`. */
  hubTable(id: string): string | undefined;
  attempts(eventId: string): Promise<number>;
  /** Makes deposits that fail until then succeed. */
  mend(): Promise<void>;
  /** And fail again. */
  unmend(): Promise<void>;
  queue(consumer: 'accounts' | 'audit', role: 'Queue' | 'DeadLetterQueue' | 'UndeliverableQueue'): DeployedQueue;
  /** Waits until nothing moves; where only time is missing, moves it. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

/** CDK takes a second to load, so it is loaded only to synthesize. */
export const bankAssembly = (context: Readonly<Record<string, string>> = {}): Promise<string> =>
  sharedAssembly('bank', context, async (folder) => {
    const { synthesizeBank } = await import('./bank-app.ts');
    synthesizeBank(folder, context);
  });

export async function startBank(faults: RunFaults = {}): Promise<Bank> {
  const assemblyFolder = await bankAssembly();
  await using opened = new AsyncDisposableStack();
  const clock = createMovableClock();
  const logLines: string[] = [];
  const run = await startLocalRun({
    assemblyFolder,
    clock,
    faults,
    log: (level, source, message) => void logLines.push(`${level} ${source} ${message}`),
    onLogLine: (functionName, line) => void logLines.push(`${functionName} ${line}`),
  });
  opened.defer(run.close);
  const options = {
    endpoint: run.endpointUrl,
    region: run.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
  const dynamoDb = new DynamoDBClient(options);
  const sqs = new SQSClient(options);
  const lambda = new LambdaClient(options);
  opened.defer(() => [dynamoDb, sqs, lambda].forEach((client) => void client.destroy()));

  const outputs = run.deployment.outputs.get('Bank');
  const tableName = outputs?.get('TableName') ?? '';
  const hubTable = (id: string) =>
    run.deployment.tables.find(({ constructPath }) => constructPath.endsWith(`/${id}/Resource`))?.tableName;
  const scan = async (name: string | undefined): Promise<readonly Item[]> =>
    (await dynamoDb.send(new ScanCommand({ TableName: name, ConsistentRead: true }))).Items ?? [];
  const idsWith = async (prefix: string) =>
    (await scan(tableName))
      .filter((item) => item['id']?.S?.startsWith(prefix))
      .map((item) => [item['id']?.S?.slice(prefix.length) ?? '', item] as const);

  const open = opened.move();
  return {
    run,
    sqs,
    dynamoDb,
    hubTable,
    logLines,
    async publish(...deposits) {
      const complete = deposits.map((deposit) => ({ accountId: '7', amount: 1, behaviour: 'handle', ...deposit }));
      const { Payload, FunctionError } = await lambda.send(
        new InvokeCommand({ FunctionName: outputs?.get('PublishFunctionName'), Payload: JSON.stringify(complete) }),
      );
      const answer: unknown = JSON.parse(Buffer.from(Payload ?? []).toString());
      if (FunctionError !== undefined) throw new Error(JSON.stringify(answer));
      return answer as readonly string[];
    },
    effects: async () =>
      Object.fromEntries((await idsWith('effects#')).map(([id, item]) => [id, Number(item['effects']?.N)])),
    journal: async (accountId) => {
      const journals = await idsWith('journal#');
      const [, item] = journals.find(([group]) => group === `account#${accountId}`) ?? [];
      return (item?.['entries']?.L ?? []).map(({ S = '' }) => S);
    },
    audited: async () => (await idsWith('audited#')).map(([id]) => id),
    pending: () => scan(hubTable('Pending')),
    outbox: () => scan(hubTable('Outbox')),
    attempts: async (eventId) => {
      const attempts = await idsWith('attempts#');
      return Number(attempts.find(([id]) => id === eventId)?.[1]['attempts']?.N ?? 0);
    },
    async mend() {
      await dynamoDb.send(new PutItemCommand({ TableName: tableName, Item: { id: { S: 'mended' } } }));
    },
    async unmend() {
      await dynamoDb.send(new DeleteItemCommand({ TableName: tableName, Key: { id: { S: 'mended' } } }));
    },
    queue(consumer, role) {
      const path = `Bank/${consumer}/${role}/Resource`;
      const found = run.deployment.queues.find(({ constructPath }) => constructPath === path);
      if (found === undefined) throw new Error(`no queue at ${path}`);
      return found;
    },
    settle: () => driveTime(run),
    close: () => open.disposeAsync(),
  };
}

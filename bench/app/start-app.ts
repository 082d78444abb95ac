import { LambdaClient, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import type { FaultPlan } from '../../local/faults/fault-plan.ts';
import { createFunctionMetrics, type FunctionMetrics } from '../../local/ledger/function-metrics.ts';
import { type LocalRun, type LocalRunOptions, startLocalRun } from '../../local/run.ts';
import { createTemporaryFolder } from '../../local/temporary-folder.ts';
import { type ClientProcess, startClient } from '../client/client-process.ts';
import type { Connection } from '../client/connection.ts';
import { type BenchAppProps, STACK_NAME, synthesizeBenchApp } from './bench-app.ts';
import { createInvocations, type Invocations } from './invocations.ts';

export interface BenchRunOptions extends Pick<LocalRunOptions, 'intercept' | 'environmentsPerFunction' | 'without'> {
  /**
   * Of an app with the stacks `BenchHub`, where the tables `Outbox` and `Inbox` and the construct `Relay` are, and `Bench`, with
   * the consumers and the table `Table`, which holds their effects.
   */
  readonly assemblyFolder: string;
  /** Its faults take the place of the hooks that count invocations. @default - nothing goes wrong */
  readonly faults?: FaultPlan;
}

/** What a publication is, but for the places that the run knows. */
export interface Publishing {
  readonly events: number;
  readonly groups: number;
  readonly concurrency: number;
  readonly eventBytes: number;
  /** @default true */
  readonly compressEvents?: boolean;
  readonly sequences: 'outbox' | 'aggregate';
  readonly pauseMs?: number;
  /** Whether each transaction also writes the aggregate's state, as a service's does. @default false */
  readonly withState?: boolean;
  /** Publications of one name share their groups. @default - groups of its own */
  readonly name?: string;
  /** Of each group, where the aggregate gives it. @default 1 */
  readonly firstSequence?: number;
}

/** The bench's app at work in this process, with its producer in another. */
export interface BenchRun extends AsyncDisposable {
  readonly run: LocalRun;
  readonly connection: Connection;
  readonly client: ClientProcess;
  readonly invocations: Invocations;
  /** Of the events since the last `reset`. */
  readonly metrics: () => FunctionMetrics;
  /** Bytes that functions have logged since the last `reset`, by function name. */
  readonly logBytes: () => ReadonlyMap<string, number>;
  /** @returns milliseconds that the producer took */
  publish(publishing: Publishing): Promise<number>;
  /** Stops or starts the mappings of the relay or of all consumers. */
  setEnabled(who: 'relay' | 'consumers', enabled: boolean): Promise<void>;
  settle(): Promise<void>;
  /** Forgets what was counted, after a warm-up. */
  reset(): void;
  /** `relay`, or a consumer's name. */
  functionLabel(functionName: string): string;
  /** The table's name by the construct that it belongs to: `Outbox`, `Pending`, `Inbox`, `Cursors`, `Table`. */
  tableName(id: string): string;
  /** The construct that a table belongs to, by the table's name. */
  tableLabels(): ReadonlyMap<string, string>;
}

/** Waybill's own app at work, with as many consumers as the props say. */
export async function startBenchRun({
  intercept,
  without = [],
  ...app
}: BenchAppProps & Pick<BenchRunOptions, 'intercept' | 'without'>): Promise<BenchRun> {
  await using opened = new AsyncDisposableStack();
  const { path: assemblyFolder } = opened.use(createTemporaryFolder());
  synthesizeBenchApp(assemblyFolder, app);
  const bench = opened.use(
    await openBenchRun({ assemblyFolder, without, ...(intercept === undefined ? {} : { intercept }) }),
  );
  const open = opened.move();
  return { ...bench, [Symbol.asyncDispose]: () => open.disposeAsync() };
}

export async function openBenchRun({ faults, ...options }: BenchRunOptions): Promise<BenchRun> {
  await using opened = new AsyncDisposableStack();
  let metrics = createFunctionMetrics();
  const logBytes = new Map<string, number>();
  const invocations = createInvocations(() => performance.now());
  const run = await startLocalRun({
    ...options,
    log: (level, source, message) => {
      // under faults, trouble is what is to happen
      if (level === 'error' && faults === undefined) process.stderr.write(`${source}: ${message}\n`);
    },
    onLogLine: (functionName, line) => {
      logBytes.set(functionName, (logBytes.get(functionName) ?? 0) + Buffer.byteLength(line) + 1);
      metrics.readLine(line);
    },
    faults: faults ?? { lambda: invocations.hooks },
  });
  opened.defer(run.close);
  const client = opened.use(startClient());
  const connection = { endpointUrl: run.endpointUrl, region: run.region };
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const lambda = new LambdaClient({ endpoint: run.endpointUrl, region: run.region, credentials });
  opened.defer(() => lambda.destroy());

  const tableName = (id: string): string => {
    const found = run.deployment.tables.find(({ constructPath }) => constructPath.endsWith(`/${id}/Resource`));
    if (found === undefined) throw new RangeError(`no table '${id}'`);
    return found.tableName;
  };
  // `BenchHub/Hub/Relay/Function/Resource`, `Bench/consumer-1/Function/Resource`
  const labels = new Map(
    run.deployment.functions.map(({ functionName, constructPath }) => [
      functionName,
      (constructPath.split('/').at(-3) ?? '').toLowerCase(),
    ]),
  );
  let publications = 0;
  const open = opened.move();
  return {
    run,
    connection,
    client,
    invocations,
    metrics: () => metrics,
    logBytes: () => logBytes,
    publish: ({ name, withState = false, ...publishing }) =>
      client.run('publishEvents', {
        pauseMs: 0,
        firstSequence: 1,
        compressEvents: true,
        ...connection,
        ...publishing,
        outboxTableName: tableName('Outbox'),
        pendingTableName: tableName('Pending'),
        ...(withState ? { stateTableName: tableName('Table') } : {}),
        run: name ?? String(++publications),
      }),
    async setEnabled(who, Enabled) {
      for (const { physicalId, constructPath } of run.deployment.mappings) {
        if (constructPath.startsWith(`${STACK_NAME}/`) !== (who === 'consumers')) continue;
        await lambda.send(new UpdateEventSourceMappingCommand({ UUID: physicalId, Enabled }));
      }
    },
    settle: () => run.settled(),
    reset() {
      metrics = createFunctionMetrics();
      logBytes.clear();
      invocations.reset();
    },
    functionLabel: (functionName) => labels.get(functionName) ?? functionName,
    tableName,
    tableLabels: () =>
      new Map(
        run.deployment.tables.map(({ tableName, constructPath }) => [tableName, constructPath.split('/').at(-2) ?? '']),
      ),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

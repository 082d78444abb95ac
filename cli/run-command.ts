import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createDynamoDbEventLog } from '../lib/consumer/index.ts';
import { ENV } from '../lib/definitions/index.ts';
import {
  consumerNamed,
  createDynamoDbCursorScanner,
  createDynamoDbEventIndex,
  createDynamoDbLog,
  createDynamoDbLoggedEvents,
  createDynamoDbLogRepair,
  createDynamoDbMarkerReader,
  createDynamoDbOperatorTrail,
  createDynamoDbQuarantine,
  createDynamoDbRedriveRuns,
  createLambdaCaller,
  createRateLimiter,
  type Deployment,
  DeploymentUnclearError,
  listDeployedFunctions,
  type Publisher,
  readDeployment,
  rebuilderOf,
  reconcileDeployment,
  sagaNamed,
  syncNamed,
  syncsOf,
} from '../lib/operations/index.ts';
import { createDynamoDbPendingTable } from '../lib/outbox/index.ts';
import type { RebuildStatus } from '../lib/projection/index.ts';
import type { Sleep } from '../lib/shared/backoff.ts';
import type { Clock } from '../lib/shared/time.ts';
import { type CommandLine, type CommandTarget, readCommandLine } from './command-line.ts';
import type { CommandConsole } from './console.ts';
import { describeError } from './describe-error.ts';
import { helpText } from './help.ts';
import { type OperatorClients, operateConsumer } from './operated-consumer.ts';
import { operatePublisher } from './operated-publisher.ts';
import { operateSaga } from './operated-saga.ts';
import { operateSettings } from './operated-settings.ts';
import { operateSync } from './operated-sync.ts';
import type { ExitStatus, Operation } from './operation.ts';
import { accountOf, functionArn, resourcesOf } from './rights.ts';
import { UsageError } from './usage-error.ts';

export interface CommandDeps {
  /** Only called after the command line was validated. */
  readonly openClients: (target: Pick<CommandTarget, 'profile' | 'region'>) => OperatorClients & {
    /** Of `settings`. @default - where the AWS SDK points to */
    readonly ssm?: () => SSMClient;
    /** Of the sweeper's schedule. @default - where the AWS SDK points to */
    readonly events?: () => EventBridgeClient;
  };
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly console: CommandConsole;
  readonly operator: string;
  /** Only called by commands that end by themselves when the signal is aborted. @default - it is never aborted */
  readonly onInterrupt?: () => AbortSignal;
  /** Aborts after so many milliseconds. @default AbortSignal.timeout */
  readonly timeoutSignal?: (ms: number) => AbortSignal;
}

const USAGE = 2;

/** Exit status of a command that took longer than its `--command-timeout`. */
export const TIMED_OUT = 3;

/**
 * Runs an operator's command. @returns its exit status: 0 done, 1 refused, not found or failed, 2 invalid command line,
 * 3 stopped by `--command-timeout`, 4 a run stopped or left events unhandled
 */
export async function runCommand(
  args: readonly string[],
  deps: CommandDeps,
): Promise<ExitStatus | typeof USAGE | typeof TIMED_OUT> {
  try {
    const command = readCommandLine(args);
    if (command.kind === 'help') {
      deps.console.line(helpText(command.about).trimEnd());
      return 0;
    }
    if (command.kind === 'version') {
      deps.console.line(ownVersion());
      return 0;
    }
    // before what needs a region and credentials
    command.action.check();
    const running = (async () => command.action.run(await prepare(command, deps)))();
    const { timeoutSeconds } = command;
    const status = timeoutSeconds === undefined ? await running : await within(timeoutSeconds, running, deps);
    if (status === TIMED_OUT)
      deps.console.note(
        `stopped after ${timeoutSeconds} s, as --command-timeout says: what was done stays; run the command again to continue`,
      );
    return status;
  } catch (error) {
    deps.console.note(describeError(error));
    return error instanceof UsageError ? USAGE : 1;
  }
}

/** The command's result, or that it took longer than `seconds`. It goes on until the process ends. */
async function within<Result>(
  seconds: number,
  running: Promise<Result>,
  { timeoutSignal = AbortSignal.timeout }: CommandDeps,
): Promise<Result | typeof TIMED_OUT> {
  const signal = timeoutSignal(seconds * 1_000);
  const isOver = new Promise<typeof TIMED_OUT>((resolve) =>
    signal.addEventListener('abort', () => resolve(TIMED_OUT), { once: true }),
  );
  return Promise.race([running, isOver]);
}

function ownVersion(): string {
  const { version }: { readonly version: string } = createRequire(import.meta.url)('waybill/package.json');
  return version;
}

async function prepare(
  { target, output }: Extract<CommandLine, { kind: 'action' }>,
  { openClients, clock, sleep, console, operator, onInterrupt = () => new AbortController().signal }: CommandDeps,
): Promise<Operation> {
  const { ssm, events = () => new EventBridgeClient({}), ...clients } = openClients(target);
  const { lambda } = clients;
  const deployment = readDeployment(await listDeployedFunctions(lambda), target.environmentName);
  const { outboxTableName, pendingTableName, outboxRetentionSeconds } = deployment;
  const client = clients.dynamoDb;
  const caller = createLambdaCaller(lambda);
  const place = { region: await lambda.config.region(), accountId: accountOf(deployment) };
  const publisher = (each: Publisher) =>
    operatePublisher(each, deployment, { ...clients, events }, (name) => functionArn(name, place));
  return {
    environmentName: deployment.environmentName,
    outboxRetentionSeconds,
    consumers: deployment.consumers.map((consumer) => operateConsumer(consumer, deployment, clients, clock)),
    publishers: { relay: publisher('relay'), sweeper: publisher('sweeper') },
    consumer: (name) => operateConsumer(consumerNamed(deployment, name), deployment, clients, clock),
    rebuild: async (projection, command) => {
      const { functionName } = rebuilderOf(deployment, projection);
      // the deployed function has the same types
      return (await caller.call(functionName, command)) as RebuildStatus;
    },
    settings: () => operateSettings(deployment, ssm?.() ?? new SSMClient({})),
    saga: (name) => operateSaga(sagaNamed(deployment, name), client, clock),
    syncs: syncsOf(deployment).map(({ sync }) => sync.name),
    sync: (name) => operateSync(syncNamed(deployment, name), client, clock),
    runs: () => createDynamoDbRedriveRuns({ client, tableName: operatorTableOf(deployment) }),
    trail: () => createDynamoDbOperatorTrail({ client, tableName: operatorTableOf(deployment), newId: randomUUID }),
    log: createDynamoDbLog({ client, outboxTableName }),
    places: createDynamoDbEventLog({ client, outboxTableName }),
    logged: createDynamoDbLoggedEvents({ client, outboxTableName, sleep, random: Math.random }),
    repair: createDynamoDbLogRepair({ client, outboxTableName }),
    cursorScanner: createDynamoDbCursorScanner({ client, cursorsTableName: deployment.cursorsTableName }),
    index: (by) =>
      deployment.eventIndexes === 'all' || deployment.eventIndexes === by
        ? createDynamoDbEventIndex({ client, outboxTableName, sleep, random: Math.random })
        : undefined,
    markers: createDynamoDbMarkerReader({ client, pendingTableName, sleep, random: Math.random }),
    pending: createDynamoDbPendingTable({ client, tableName: pendingTableName }),
    resources: resourcesOf(deployment, place),
    reconciliation: ({ readUnitsPerSecond, deploymentMs }) =>
      reconcileDeployment({
        ...clients,
        clock,
        sleep,
        random: Math.random,
        tables: { outboxTableName, pendingTableName, inboxTableName: deployment.inboxTableName },
        deployed: async () => deployment.consumers,
        readLimiter: createRateLimiter({ unitsPerSecond: readUnitsPerSecond, clock, sleep }),
        deploymentMs,
      }),
    quarantine: createDynamoDbQuarantine({ client, pendingTableName }),
    clock,
    sleep,
    console,
    output,
    json: output !== 'text',
    operator,
    onInterrupt,
  };
}

function operatorTableOf({ operatorTableName, environmentName }: Deployment): string {
  if (operatorTableName !== undefined) return operatorTableName;
  throw new DeploymentUnclearError(
    `the sweeper of environment '${environmentName}' has no variable ${ENV.operatorTableName}: deploy the hub again with this version, which adds the table of what operators do`,
  );
}

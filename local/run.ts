import { createBusTargets } from './bus-targets.ts';
import { createMovableClock, type MovableClock } from './clock.ts';
import { createDynamoDb, type DynamoDb } from './dynamodb/dynamodb.ts';
import { openEndpoint } from './endpoint/endpoint.ts';
import type { JsonService } from './endpoint/service.ts';
import { createEventBridge, type EventBridge, type EventBridgeFaults } from './eventbridge/eventbridge.ts';
import { compileEventPattern } from './eventbridge/pattern/event-pattern.ts';
import type { LambdaFaults } from './lambda/faults.ts';
import { createLambda, type Lambda } from './lambda/lambda.ts';
import type { RunLog } from './log.ts';
import { createRoleCredentials } from './role-credentials.ts';
import { putObject } from './s3/put-object.ts';
import { createS3, type S3 } from './s3/s3.ts';
import { createRandom, createUuids } from './seeded-random.ts';
import { createSettling, describeUnsettled } from './settling.ts';
import { createSqs, type Sqs } from './sqs/sqs.ts';
import { readAssembly } from './template/assembly.ts';
import { checkAssembly, deploy } from './template/deploy.ts';
import type { Deployment } from './template/deployment.ts';
import { environmentOf } from './template/pseudo-parameters.ts';

export interface LocalRunOptions {
  /** What `cdk synth` wrote. */
  readonly assemblyFolder: string;
  /** 0 takes a free port. @default 0 */
  readonly port?: number;
  /** @default a clock that runs with the machine's */
  readonly clock?: MovableClock;
  /** Of ids and jitter: the same seed gives the same. @default 1 */
  readonly seed?: number;
  readonly log: RunLog;
  /** What functions write, line by line. */
  readonly onLogLine?: (functionName: string, line: string) => void;
  /** Trouble on demand. @default none */
  readonly faults?: RunFaults;
}

export interface RunFaults {
  readonly eventBridge?: EventBridgeFaults;
  readonly lambda?: LambdaFaults;
}

/** A deployed assembly at work. */
export interface LocalRun {
  /** Where SDKs and the CLI look in: `AWS_ENDPOINT_URL`. */
  readonly endpointUrl: string;
  readonly region: string;
  readonly clock: MovableClock;
  readonly deployment: Deployment;
  readonly dynamoDb: DynamoDb;
  readonly sqs: Sqs;
  readonly eventBridge: EventBridge;
  readonly lambda: Lambda;
  readonly s3: S3;
  /**
   * Everything that still moves by itself, in words (`queue Billing.fifo: 2 visible, 1 in flight`); empty when the run
   * has settled. Queues that no function reads, such as dead-letter queues, do not count.
   */
  unsettled(): readonly string[];
  /** Resolves once nothing moves; rejects with the signal's reason. */
  settled(signal?: AbortSignal): Promise<void>;
  /** Lets running invocations end, then stops everything; safe to call twice. */
  close(): Promise<void>;
}

const DEFAULT_SEED = 1;

/**
 * Brings an assembly up on this machine: one endpoint, the engines behind it, and every resource of the templates.
 * @throws AssemblyError, TemplateRefusedError before anything is created; DeploymentError with all of it closed again.
 */
export async function startLocalRun(options: LocalRunOptions): Promise<LocalRun> {
  const { log, faults = {}, clock = createMovableClock() } = options;
  const assembly = readAssembly(options.assemblyFolder);
  const { accountId, region } = environmentOf(assembly.stacks);
  const checked = checkAssembly(assembly, { accountId, region });

  const random = createRandom(options.seed ?? DEFAULT_SEED);
  const newId = createUuids(random);
  const roles = createRoleCredentials();
  const unsettled = () => describeUnsettled({ deployment, sqs, eventBridge, lambda });
  const settling = createSettling(clock, unsettled);

  await using opened = new AsyncDisposableStack();
  const closeLater = (what: string, close: () => void | Promise<void>) =>
    opened.defer(async () => {
      try {
        await close();
      } catch (error) {
        // trouble at the end must not hide why the run ended
        log('error', 'run', `${what} did not close`, { error });
      }
    });

  const endpoint = await openEndpoint({ log, port: options.port ?? 0, callerOf: roles.callerOf });
  closeLater('the endpoint', endpoint.close);
  const engineOptions = { clock, region, accountId, log, newId, endpointUrl: () => endpoint.url };
  const s3 = createS3(engineOptions);
  const dynamoDb = createDynamoDb(engineOptions);
  closeLater('DynamoDB', dynamoDb.close);
  const sqs = withTouch(createSqs(engineOptions), settling.touch);
  closeLater('SQS', sqs.close);
  const eventBridge = createEventBridge({
    ...engineOptions,
    random,
    faults: faults.eventBridge,
    ...createBusTargets(sqs.service, () => lambda),
  });
  closeLater('EventBridge', eventBridge.close);
  const lambda = createLambda(
    {
      ...engineOptions,
      credentialsOf: roles.credentialsOf,
      compileEventPattern: compileFilter,
      putObject: (bucketName, key, body, caller) => putObject(s3.service, { bucketName, key, body }, caller),
      onLogLine: options.onLogLine,
      faults: faults.lambda,
    },
    { sqs: sqs.service, dynamoDbStreams: dynamoDb.streams, onStreamRecords: dynamoDb.onStreamRecords },
  );
  closeLater('Lambda', () => lambda.close());
  endpoint.add(dynamoDb.service, dynamoDb.streams, sqs.service, eventBridge.service, lambda.service, s3.service);

  const deployment = await deploy(checked, {
    dynamoDb: dynamoDb.service,
    sqs: sqs.service,
    eventBridge: eventBridge.service,
    lambda,
    s3: s3.service,
  });
  const running = opened.move();
  let closed: Promise<void> | undefined;

  return {
    endpointUrl: endpoint.url,
    region,
    clock,
    deployment,
    dynamoDb,
    sqs,
    eventBridge,
    lambda,
    s3,
    unsettled,
    settled: settling.settled,
    close: () => {
      closed ??= running.disposeAsync();
      return closed;
    },
  };
}

/** Filters of mappings are event patterns too; what is no object matches none. */
function compileFilter(pattern: string): (event: unknown) => boolean {
  const matches = compileEventPattern(pattern);
  return (event) => typeof event === 'object' && event !== null && matches(event);
}

/** Almost everything ends with a message deleted or sent: after each call to SQS the run looks whether it has settled. */
function withTouch(sqs: Sqs, touch: () => void): Sqs {
  const service: JsonService = {
    ...sqs.service,
    handle: (operation, input, caller) => sqs.service.handle(operation, input, caller).finally(touch),
  };
  return { ...sqs, service };
}

import { availableParallelism } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { createBusTargets } from './bus-targets.ts';
import { createMovableClock, type MovableClock, watchSchedule } from './clock.ts';
import { createDynamoDb, type DynamoDb } from './dynamodb/dynamodb.ts';
import { openEndpoint } from './endpoint/endpoint.ts';
import type { JsonService } from './endpoint/service.ts';
import { createEventBridge, type EventBridge } from './eventbridge/eventbridge.ts';
import { compileEventPattern } from './eventbridge/pattern/event-pattern.ts';
import type { FaultPlan } from './faults/fault-plan.ts';
import type { InjectedFault } from './faults/fault-record.ts';
import { groupLockOf } from './faults/group-lock.ts';
import { type Intercept, interceptJson } from './faults/intercept.ts';
import { openFaults, type RunFaults } from './faults/run-faults.ts';
import { fetchJson } from './http-api/fetch-json.ts';
import { createHttpApis, type HttpApis } from './http-api/http-apis.ts';
import { createGuards } from './iam/engine-guards.ts';
import { withFunctionGrants } from './iam/function-grants.ts';
import { createLogGrants } from './iam/log-grants.ts';
import { invokeNeed } from './iam/needs/lambda.ts';
import { createPermissions, type PermissionRecords } from './iam/permissions.ts';
import { createLocalIssuers, type ServedIssuer } from './issuer/local-issuers.ts';
import { createLambda, type Lambda } from './lambda/lambda.ts';
import type { RunLog } from './log.ts';
import { createRoleCredentials } from './role-credentials.ts';
import { putObject } from './s3/put-object.ts';
import { createS3, type S3 } from './s3/s3.ts';
import { createScheduler, type Scheduler } from './scheduler/scheduler.ts';
import { createSchedulerTargets } from './scheduler/targets.ts';
import { putSecrets } from './secretsmanager/put-secrets.ts';
import { createSecretsManager } from './secretsmanager/secrets-manager.ts';
import { createRandom, createUuids } from './seeded-random.ts';
import { createSettling, describeUnsettled } from './settling.ts';
import { createSqs, type Sqs } from './sqs/sqs.ts';
import { createSsm } from './ssm/ssm.ts';
import { readAssemblies } from './template/assembly.ts';
import { checkAssembly, deploy } from './template/deploy.ts';
import type { Deployment } from './template/deployment.ts';
import type { Engines } from './template/engines.ts';
import { AssemblyError } from './template/errors.ts';
import { leaveOut } from './template/leave-out.ts';
import { type DeploymentEnvironment, environmentOf } from './template/pseudo-parameters.ts';
import { createUpdates, type UpdateOptions } from './template/update.ts';
import type { UpdateResult } from './template/update-result.ts';

export type { RunFaults } from './faults/run-faults.ts';

export interface LocalRunOptions {
  /** What `cdk synth` wrote: of one app, or of several in the order of their deployment. */
  readonly assemblyFolder: string | readonly string[];
  /** Constructs and logical ids that the run is not to have, here and in every update. @default - none: all that is there runs */
  readonly without?: readonly string[];
  /** 0 takes a free port. @default 0 */
  readonly port?: number;
  /** @default a clock that runs with the machine's */
  readonly clock?: MovableClock;
  /** Of ids and jitter: the same seed gives the same. @default 1 */
  readonly seed?: number;
  readonly log: RunLog;
  /** What functions write, line by line. */
  readonly onLogLine?: (functionName: string, line: string) => void;
  /** At most; further invocations wait. @default the machine's cores, and at least 2 */
  readonly environmentsPerFunction?: number;
  /**
   * Values of secrets by their names: of those that the templates create, and of others, such as one for each tenant.
   * @default - none: secrets have the values that the templates give or generate
   */
  readonly secrets?: Readonly<Record<string, string>>;
  /**
   * Whether keys are had from the issuers that the templates name, wherever they are. Otherwise the run stands in for those that
   * are not on this machine: it verifies tokens of its own, and asks nobody.
   * @default false
   */
  readonly realIssuers?: boolean;
  /** Trouble on demand: by a plan, whose faults are listed, or by hooks of one's own. @default none */
  readonly faults?: FaultPlan | RunFaults;
  /** Stands before DynamoDB, its streams, SQS, EventBridge, Systems Manager and Secrets Manager: sees every call with its answer. @default nothing does */
  readonly intercept?: Intercept;
}

/** A deployed assembly at work. */
export interface LocalRun {
  /** Where SDKs and the CLI look in: `AWS_ENDPOINT_URL`. */
  readonly endpointUrl: string;
  readonly region: string;
  readonly clock: MovableClock;
  /** As it is at that moment: an update changes it step by step. */
  readonly deployment: Deployment;
  /** Calls `listener` after each step of an update; the returned function ends that. */
  onDeploymentChange(listener: (deployment: Deployment) => void): () => void;
  readonly dynamoDb: DynamoDb;
  readonly sqs: Sqs;
  readonly eventBridge: EventBridge;
  readonly lambda: Lambda;
  readonly s3: S3;
  readonly scheduler: Scheduler;
  /** What was allowed by which statement, and what was refused. */
  readonly permissions: PermissionRecords;
  /** The issuers of access tokens that the run stands in for. */
  issuers(): readonly ServedIssuer[];
  /**
   * Everything that still moves by itself, in words (`queue Billing.fifo: 2 visible, 1 in flight`); empty when the run
   * has settled. Queues that no function reads, such as dead-letter queues, do not count.
   */
  unsettled(): readonly string[];
  /** When an engine next does something by itself, in milliseconds since the epoch; undefined when none waits. */
  nextDueAt(): number | undefined;
  /** What the fault plan did so far. */
  injected(): readonly InjectedFault[];
  /** The fault plan does nothing new from now on: whoever judges the run sees what is there. */
  endFaults(): void;
  /** It goes on where it ended. */
  resumeFaults(): void;
  /** Resolves once nothing moves; rejects with the signal's reason. */
  settled(signal?: AbortSignal): Promise<void>;
  /**
   * Deploys a newer assembly over what runs, as CloudFormation would, while events flow; state is kept. The folder MUST
   * stay as long as the run. With several apps, all of them are given: what refers to another app is found there.
   * @throws AssemblyError, TemplateRefusedError before anything is touched
   * @throws DeploymentError when a step failed: the stack of that step is rolled back, stacks before it stay updated
   */
  update(assemblyFolder: string | readonly string[], options?: UpdateOptions): Promise<UpdateResult>;
  /** Lets running invocations end, then stops everything; safe to call twice. */
  close(): Promise<void>;
}

const DEFAULT_SEED = 1;

/** Some wait for an answer while others work; a batch of ten takes a tenth of a second of a core. */
const INVOCATIONS_PER_CORE = 4;

/** One that hangs must not be the only one. */
const LEAST_ENVIRONMENTS = 2;

/**
 * Brings an assembly up on this machine: one endpoint, the engines behind it, and every resource of the templates.
 * @throws AssemblyError, TemplateRefusedError before anything is created; DeploymentError with all of it closed again.
 */
export async function startLocalRun(options: LocalRunOptions): Promise<LocalRun> {
  const { log, clock = createMovableClock() } = options;
  const readReduced = (folders: string | readonly string[]) =>
    leaveOut(readAssemblies(folders), options.without ?? []).assembly;
  const assembly = readReduced(options.assemblyFolder);
  const { accountId, region } = environmentOf(assembly.stacks);
  const checked = checkAssembly(assembly, { accountId, region });

  const random = createRandom(options.seed ?? DEFAULT_SEED);
  const newId = createUuids(random);
  const roles = createRoleCredentials();
  const engineClock = watchSchedule(clock);
  const faults = openFaults(options.faults, engineClock, (tableName, indexName) =>
    dynamoDb.partitionKeyOf(tableName, indexName),
  );
  const { intercept } = options;
  const front = (service: JsonService): JsonService => {
    const faulty = faults.around(service);
    return intercept === undefined ? faulty : interceptJson(faulty, intercept);
  };
  const unsettled = () => [
    ...describeUnsettled({ deployment, sqs, eventBridge, scheduler, lambda }),
    ...faults.unsettled(),
    ...describeUpdate(updates.underWay()),
  ];
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
  const engineOptions = { clock: engineClock, region, accountId, log, newId, endpointUrl: () => endpoint.url };
  const permissions = createPermissions({ accountId, region, log });
  const guards = createGuards(permissions, { accountId, region });
  const askForLogs = createLogGrants(permissions, { accountId, region });
  const s3 = createS3(engineOptions);
  const s3Service = guards.s3(s3.service);
  const dynamoDb: DynamoDb = createDynamoDb({ ...engineOptions, faults: faults.dynamoDb });
  const streamsService = front(guards.streams(dynamoDb.streams));
  closeLater('DynamoDB', dynamoDb.close);
  const groupLock = groupLockOf(options.faults);
  const sqs = withTouch(createSqs({ ...engineOptions, groupLock, faults: faults.sqs }), settling.touch);
  const sqsService = front(guards.sqs(sqs.service));
  closeLater('SQS', sqs.close);
  const eventBridge = createEventBridge({
    ...engineOptions,
    random,
    faults: faults.eventBridge,
    ...createBusTargets(sqsService, (functionArn, input, caller) => {
      permissions.authorize(caller, [invokeNeed(functionArn)]);
      lambda.invokeAsync(functionArn, input);
    }),
  });
  closeLater('EventBridge', eventBridge.close);
  const lambda = createLambda(
    {
      ...engineOptions,
      credentialsOf: roles.credentialsOf,
      random,
      compileEventPattern: compileFilter,
      putObject: (bucketName, key, body, caller) => putObject(s3Service, { bucketName, key, body }, caller),
      onLogLine: (functionName, line) => {
        askForLogs(functionName);
        options.onLogLine?.(functionName, line);
      },
      faults: faults.lambda,
      mostFromMappings: Math.max(availableParallelism(), LEAST_ENVIRONMENTS) * INVOCATIONS_PER_CORE,
      mostEnvironments: options.environmentsPerFunction ?? Math.max(availableParallelism(), LEAST_ENVIRONMENTS),
    },
    { sqs: sqsService, dynamoDbStreams: streamsService, onStreamRecords: dynamoDb.onStreamRecords },
  );
  closeLater('Lambda', () => lambda.close());
  const lambdaService = faults.aroundRest(guards.lambda(lambda.service));
  const eventBridgeService = front(guards.eventBridge(eventBridge.service));
  const scheduler = createScheduler({
    ...engineOptions,
    random,
    faults: faults.scheduler,
    ...createSchedulerTargets({ sqs: sqsService, eventBridge: eventBridgeService, lambda: lambdaService }),
  });
  closeLater('the Scheduler', scheduler.close);
  const ssm = createSsm(engineOptions);
  const secretsManager = createSecretsManager(engineOptions);
  const httpApis: HttpApis = createHttpApis({
    ...engineOptions,
    lambda: lambdaService,
    fetchJson: options.realIssuers === true ? fetchJson : (url) => issuers.fetchJson(url),
  });
  const issuers = createLocalIssuers({
    clock: engineClock,
    endpointUrl: () => endpoint.url,
    asked: options.realIssuers === true ? () => [] : httpApis.issuers,
    fetchJson,
  });
  endpoint.add(
    front(guards.dynamoDb(dynamoDb)),
    streamsService,
    sqsService,
    eventBridgeService,
    lambdaService,
    s3Service,
    guards.scheduler(scheduler.service),
    front(guards.ssm(ssm.service)),
    front(guards.secretsManager(secretsManager)),
  );

  endpoint.mount(httpApis.site);
  endpoint.mount(issuers.site);

  const engines: Engines = {
    dynamoDb: dynamoDb.service,
    sqs: sqs.service,
    eventBridge: eventBridge.service,
    lambda: withFunctionGrants(lambda, permissions),
    s3: s3.service,
    scheduler: scheduler.service,
    secretsManager: secretsManager.service,
    ssm: ssm.service,
    httpApis,
  };
  const live = await deploy(checked, engines, { created: permissions.learn, gone: permissions.forget });
  await putSecrets(secretsManager.service, options.secrets ?? {});
  const closing = new AbortController();
  let deployment = live.describe();
  const changeListeners = new Set<(changed: Deployment) => void>();
  const updates = createUpdates(live, {
    clock: engineClock,
    signal: closing.signal,
    onStep() {
      deployment = live.describe();
      faults.follow(deployment);
      for (const listener of changeListeners) listener(deployment);
    },
  });
  faults.arm(deployment, log);
  const running = opened.move();
  let closed: Promise<void> | undefined;

  return {
    endpointUrl: endpoint.url,
    region,
    clock,
    get deployment() {
      return deployment;
    },
    onDeploymentChange(listener) {
      changeListeners.add(listener);
      return () => void changeListeners.delete(listener);
    },
    dynamoDb,
    sqs,
    eventBridge,
    lambda,
    s3,
    scheduler,
    permissions,
    issuers: issuers.served,
    nextDueAt: engineClock.nextDueAt,
    injected: faults.injected,
    endFaults: faults.disarm,
    resumeFaults: () => faults.resume(deployment),
    unsettled,
    settled: settling.settled,
    update: async (folder, updateOptions) => {
      const next = readReduced(folder);
      assertSamePlace({ accountId, region }, environmentOf(next.stacks));
      return updates.update(checkAssembly(next, { accountId, region }), updateOptions);
    },
    close: () => {
      closing.abort(new Error('the run ends, and the update with it'));
      closed ??= running.disposeAsync();
      return closed;
    },
  };
}

const describeUpdate = (stackName: string | undefined): string[] =>
  stackName === undefined ? [] : [`deployment: stack ${stackName} is being updated`];

/** @throws AssemblyError for stacks that are bound to another account or region than those that run. */
function assertSamePlace(here: DeploymentEnvironment, there: DeploymentEnvironment): void {
  if (isDeepStrictEqual(here, there)) return;
  throw new AssemblyError(
    `the stacks are bound to account ${there.accountId} in ${there.region}, and the run is account ${here.accountId} in ${here.region}; start anew`,
  );
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

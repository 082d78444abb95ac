import { nearestOf } from '../../lib/shared/nearest.ts';
import type { EpochMs } from '../../lib/shared/time.ts';
import type { MovableClock } from '../clock.ts';
import { type Effects, watchEffects } from '../ledger/effects.ts';
import { type SubscriptionHistory, watchSubscriptions } from '../ledger/subscription-history.ts';
import { readTopology, type Topology } from '../ledger/topology.ts';
import { type LocalRun, type LocalRunOptions, startLocalRun } from '../run.ts';
import { readAssemblies } from '../template/assembly.ts';
import { leaveOut, namesIn } from '../template/leave-out.ts';
import { type AwsClients, createAwsClients } from './aws-clients.ts';
import type { RunLogs } from './run-logs.ts';
import { UsageError } from './usage-error.ts';

/** A deployed app at work, and what is known of it. */
export interface RunningApp {
  readonly run: LocalRun;
  readonly clients: AwsClients;
  /** As the deployment is at that moment; after an update it is another one. */
  readonly topology: Topology;
  /** What the consumers are subscribed to, through all deployments. */
  readonly subscriptions: SubscriptionHistory;
  readonly effects: Effects;
  /** On the run's clock. */
  readonly startedAt: EpochMs;
  /** Updates the run; topology, logs and effects follow the result, also that of a rollback. */
  readonly update: LocalRun['update'];
}

export interface StartAppOptions
  extends Pick<
    LocalRunOptions,
    'assemblyFolder' | 'without' | 'port' | 'seed' | 'faults' | 'environmentsPerFunction' | 'realIssuers'
  > {
  readonly clock: MovableClock;
  /** Names of functions that a later update adds, which `--logs` may name. @default none */
  readonly laterServices?: readonly string[];
  /** Whether other apps follow in updates, so that `without` may name what is theirs. @default false */
  readonly hasLaterApps?: boolean;
  /** Called after each update, however it ended. @default nothing is */
  readonly afterUpdate?: (topology: Topology) => Promise<void>;
}

export interface StartAppDeps {
  readonly logs: RunLogs;
  readonly signal: AbortSignal;
  /** Takes what has to be closed again. */
  readonly resources: AsyncDisposableStack;
}

/**
 * Brings the stacks of an assembly up on this machine.
 * @throws AssemblyError, TemplateRefusedError, DeploymentError as `startLocalRun` does
 * @throws TopologyError `LOCAL_TOPOLOGY_INCOMPLETE` when the stacks have two hubs
 * @throws UsageError `LOCAL_USAGE` when logs are wanted of a function that is not there, or something is to be left out that is not
 */
export async function startApp(options: StartAppOptions, deps: StartAppDeps): Promise<RunningApp> {
  const { laterServices = [], hasLaterApps = false, afterUpdate, ...runOptions } = options;
  const { logs, signal, resources } = deps;
  const { log, onLogLine } = logs;
  const startedAt = options.clock.now();
  if (!hasLaterApps) refuseUnmatched(options.assemblyFolder, options.without ?? []);
  const run = await startLocalRun({ ...runOptions, log, onLogLine });
  resources.defer(run.close);
  const clients = resources.use(createAwsClients(run.endpointUrl, run.region));
  signal.throwIfAborted();

  const topology = await readTopology(run.deployment, clients.lambda);
  logs.nameServices(topology.serviceNames, laterServices);
  const effects = resources.use(watchEffects(run.dynamoDb, topology.consumers));
  const subscriptions = resources.use(watchSubscriptions(topology, run));

  /** How things stand once an update has ended, however it did. */
  const refresh = async () => {
    const next = await readTopology(run.deployment, clients.lambda);
    subscriptions.complete(next);
    logs.renameServices(next.serviceNames);
    effects.follow(next.consumers);
    await afterUpdate?.(next);
  };
  return {
    run,
    clients,
    subscriptions,
    effects,
    startedAt,
    get topology() {
      return subscriptions.current();
    },
    async update(assemblyFolder, updateOptions) {
      subscriptions.begin();
      try {
        return await run.update(assemblyFolder, updateOptions);
      } finally {
        await refresh();
      }
    },
  };
}

/**
 * A name that matches nothing is a mistake at the start; later the construct may be gone.
 * @param assemblyFolder of all apps of the run
 * @throws UsageError `LOCAL_USAGE`
 */
export function refuseUnmatched(assemblyFolder: string | readonly string[], without: readonly string[]): void {
  const assembly = readAssemblies(assemblyFolder);
  const unmatched = [...leaveOut(assembly, without).leftOut].filter(([, types]) => types.length === 0);
  if (unmatched.length === 0) return;
  const names = namesIn(assembly);
  const problems = unmatched.map(([name]) => {
    const guess = nearestOf(name, names);
    const meant = guess === undefined ? '' : `; did you mean '${guess}'?`;
    return `--without must name a construct by its path, or a logical id; there is no '${name}'${meant}`;
  });
  throw new UsageError(problems.join('; '));
}

/** Outputs by which CDK refers from one stack to another; nobody reads them. */
const REFERENCE = /^(?:Exports|Publish)Output(?:FnGetAtt|Ref)/;

/** The outputs of the stacks, as `cdk deploy` prints them, except for CDK's own. */
export function describeOutputs({ outputs }: Pick<LocalRun['deployment'], 'outputs'>): string[] {
  const stacks = [...outputs].map(
    ([stackName, own]) => [stackName, [...own].filter(([name]) => !REFERENCE.test(name))] as const,
  );
  return stacks
    .filter(([, own]) => own.length > 0)
    .flatMap(([stackName, own]) => [
      '',
      `Outputs of ${stackName}:`,
      ...own.map(([name, value]) => `  ${name} = ${value}`),
    ]);
}

/** What runs, in a few lines. */
export function describeApp({ run, topology }: Pick<RunningApp, 'run' | 'topology'>): string[] {
  const { outputs, tables, queues, functions, rules } = run.deployment;
  const counts = [
    `${tables.length} tables`,
    `${queues.length} queues`,
    `${rules.length} rules`,
    `${functions.length} functions`,
  ];
  const consumers = topology.consumers.map(({ name }) => name);
  return [
    `Running ${[...outputs.keys()].join(' and ')}: ${counts.join(', ')}; consumers ${consumers.length === 0 ? 'none' : consumers.join(', ')}`,
    ...(topology.outboxTableName === undefined ? ['No hub: no function is told of an outbox'] : []),
    `Endpoint ${run.endpointUrl}, region ${run.region}`,
    ...run.deployment.apis.map(({ url, constructPath }) => `API ${url} (${constructPath.replace(/\/Resource$/, '')})`),
    ...run
      .issuers()
      .flatMap(({ issuer, url }) => [
        `Access tokens of ${issuer} (also with -d scope='a b', -d expires_in=60, and any claim, such as -d tenant=acme):`,
        `  curl -s ${url}/token -d sub=jane`,
      ]),
  ];
}

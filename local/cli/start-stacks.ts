import { join } from 'node:path';
import type { EpochMs } from '../../lib/shared/time.ts';
import { createMovableClock } from '../clock.ts';
import { chaosPlan } from '../faults/chaos-plan.ts';
import { type Effects, watchEffects } from '../ledger/effects.ts';
import { type SubscriptionHistory, watchSubscriptions } from '../ledger/subscription-history.ts';
import { readTopology, type Topology } from '../ledger/topology.ts';
import { findShop, type Shop } from '../../examples/shop/local/orders/shop.ts';
import { CONSUMERS_TO_COME } from '../../examples/shop/local/redeploy/revisions.ts';
import { type LocalRun, startLocalRun } from '../run.ts';
import { createTemporaryFolder } from '../temporary-folder.ts';
import { lookIn } from '../view/look-around.ts';
import { seconds } from '../view/progress.ts';
import type { Screen } from '../view/screen.ts';
import { type AppContext, appContext } from './app-context.ts';
import { type AwsClients, createAwsClients } from './aws-clients.ts';
import { type External, openExternal } from './open-external.ts';
import type { RunOptions } from './options.ts';
import type { RunLogs } from './run-logs.ts';
import { type RunSettings, runSettings } from './run-settings.ts';
import { synthesizeShop } from './synthesize-shop.ts';
import { type ShopWatches, tablesOfTenants, watchShop } from './watch-shop.ts';

/** The stacks at work, and what the front end knows of them. */
export interface Stacks {
  readonly run: LocalRun;
  /** Holds the assembly that runs; it stays as long as the run. */
  readonly assembliesFolder: string;
  /** What the app was synthesized with. */
  readonly context: AppContext;
  readonly clients: AwsClients;
  /** As the deployment is at that moment; after an update it is another one. */
  readonly topology: Topology;
  /** What the consumers are subscribed to, through all deployments. */
  readonly subscriptions: SubscriptionHistory;
  /** Where the assembly is that a number of deployments lead to. */
  readonly assemblyOf: (deployments: number) => string;
  readonly shop: Shop;
  readonly effects: Effects;
  readonly external: External;
  readonly settings: RunSettings;
  readonly watches: ShopWatches;
  /** How far the orders have come, for the fault plan to spread its faults over them. */
  readonly faultProgress: { ratio: number };
  /** On the run's clock. */
  readonly startedAt: EpochMs;
  /** Updates the run; topology, logs and watches know the result, also that of a rollback. */
  readonly update: LocalRun['update'];
}

export interface StartDeps {
  readonly screen: Screen;
  readonly logs: RunLogs;
  readonly signal: AbortSignal;
  /** Takes what has to be closed again, folders too. */
  readonly resources: AsyncDisposableStack;
}

/** More than cores: those that hang until their time-out must not hold up the others. */
const ENVIRONMENTS_UNDER_FAULTS = 6;

/** Synthesizes the app and brings its stacks up on this machine. */
export async function startStacks(options: RunOptions, deps: StartDeps): Promise<Stacks> {
  const { screen, logs, signal, resources } = deps;
  const clock = createMovableClock();
  const { path: assembliesFolder } = resources.use(createTemporaryFolder());
  const external = await openExternal(options, clock);
  resources.defer(external.close);
  const context = appContext(options, external.context);

  const synthesisStartedAt = clock.now();
  const outputFolder = join(assembliesFolder, 'start');
  const { assemblyOf } = await synthesizeShop(options, { outputFolder, context, screen, signal });
  const startedAt = clock.now();
  const { log, onLogLine } = logs;
  const { port, seed, chaosSeed } = options;
  const faultProgress = { ratio: 0 };
  const faults =
    chaosSeed === undefined
      ? {}
      : {
          faults: { ...chaosPlan(chaosSeed), progress: () => faultProgress.ratio },
          environmentsPerFunction: ENVIRONMENTS_UNDER_FAULTS,
        };
  const run = await startLocalRun({ assemblyFolder: assemblyOf(0), port, seed, clock, log, onLogLine, ...faults });
  resources.defer(run.close);
  const clients = resources.use(createAwsClients(run.endpointUrl, run.region));
  signal.throwIfAborted();

  const topology = await readTopology(run.deployment, clients.lambda);
  let shop = findShop(run.deployment);
  logs.nameServices(topology.serviceNames, options.redeploy ? CONSUMERS_TO_COME : []);
  const effects = resources.use(watchEffects(run.dynamoDb, topology.consumers));
  const subscriptions = resources.use(watchSubscriptions(topology, run));
  const settings = runSettings(context, options);
  const watches = await watchShop(run, shop, topology, settings.tenantIds, { client: clients.dynamoDb, resources });
  const times = `synthesized in ${seconds(startedAt - synthesisStartedAt)}, started in ${seconds(clock.now() - startedAt)}`;
  const look = lookIn({ run, topology, external });
  for (const line of [...describe(run, topology), `(${times})`, 'To look in:', ...look, '']) screen.line(line);

  /** How things stand once an update has ended, however it did. */
  const refresh = async () => {
    shop = findShop(run.deployment);
    const next = await readTopology(run.deployment, clients.lambda);
    subscriptions.complete(next);
    logs.renameServices(next.serviceNames);
    effects.follow(next.consumers);
    watches.tenants?.follow(await tablesOfTenants(run, shop, next, clients.dynamoDb));
  };
  return {
    run,
    assembliesFolder,
    context,
    clients,
    effects,
    external,
    settings,
    watches,
    faultProgress,
    startedAt,
    subscriptions,
    assemblyOf,
    get topology() {
      return subscriptions.current();
    },
    get shop() {
      return shop;
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

function describe({ endpointUrl, region, deployment }: LocalRun, { consumers }: Topology): string[] {
  const { outputs, tables, queues, functions, rules } = deployment;
  const counts = [
    `${tables.length} tables`,
    `${queues.length} queues`,
    `${rules.length} rules`,
    `${functions.length} functions`,
  ];
  return [
    `Running ${[...outputs.keys()].join(' and ')}: ${counts.join(', ')}; consumers ${consumers.map(({ name }) => name).join(', ')}`,
    `Endpoint ${endpointUrl}, region ${region}`,
  ];
}

import { join } from 'node:path';
import { createMovableClock } from '../../../../local/clock.ts';
import { chaosPlan } from '../../../../local/faults/chaos-plan.ts';
import { type AppBuilder, createAppBuilder, LEFT_OUT } from '../../../../local/start/app-builder.ts';
import type { RunLogs } from '../../../../local/start/run-logs.ts';
import { describeApp, type RunningApp, startApp } from '../../../../local/start/start-app.ts';
import { createTemporaryFolder } from '../../../../local/temporary-folder.ts';
import type { Screen } from '../../../../local/view/screen.ts';
import { seconds } from '../../../../local/view/seconds.ts';
import { findShop, type Shop } from '../orders/shop.ts';
import { CONSUMERS_TO_COME } from '../redeploy/revisions.ts';
import { lookInShop } from '../view/look-around.ts';
import { type AppContext, appContext } from './app-context.ts';
import { type External, openExternal } from './open-external.ts';
import type { RunOptions } from './options.ts';
import { type RunSettings, runSettings } from './run-settings.ts';
import { synthesizeShop } from './synthesize-shop.ts';
import { type ShopWatches, tablesOfTenants, watchShop } from './watch-shop.ts';
import { webhookTarget } from './webhook-target.ts';

/** The shop's stacks at work, and what the front end knows of them. */
export interface ShopRun extends RunningApp {
  /** Has built what runs. */
  readonly builder: AppBuilder;
  /** Holds the assembly that runs; it stays as long as the run. */
  readonly assembliesFolder: string;
  /** What the app was synthesized with. */
  readonly context: AppContext;
  /** Where the assembly is that a number of deployments lead to. */
  readonly assemblyOf: (deployments: number) => string;
  /** As the deployment is at that moment. */
  readonly shop: Shop;
  readonly external: External;
  readonly settings: RunSettings;
  readonly watches: ShopWatches;
  /** How far the orders have come, for the fault plan to spread its faults over them. */
  readonly faultProgress: { ratio: number };
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

/** Synthesizes the shop's app and brings its stacks up on this machine. */
export async function startShop(options: RunOptions, deps: StartDeps): Promise<ShopRun> {
  const { screen, logs, signal, resources } = deps;
  const clock = createMovableClock();
  const { path: assembliesFolder } = resources.use(createTemporaryFolder());
  const external = await openExternal(options, clock);
  resources.defer(external.close);
  const context = appContext(options, external.context);

  const synthesisStartedAt = clock.now();
  const outputFolder = join(assembliesFolder, 'start');
  const builder = resources.use(createAppBuilder({ release: options.release, folder: assembliesFolder }));
  const { assemblyOf } = await synthesizeShop(options, { builder, outputFolder, context, screen, signal });
  const startedAt = clock.now();
  const { port, seed, chaosSeed } = options;
  const faultProgress = { ratio: 0 };
  const faults =
    chaosSeed === undefined
      ? {}
      : {
          faults: { ...chaosPlan(chaosSeed), progress: () => faultProgress.ratio },
          environmentsPerFunction: ENVIRONMENTS_UNDER_FAULTS,
        };
  const app = await startApp(
    {
      assemblyFolder: assemblyOf(0),
      port,
      seed,
      clock,
      ...faults,
      laterServices: options.redeploy ? CONSUMERS_TO_COME : [],
      async afterUpdate(topology) {
        shop = findShop(run.deployment);
        watches.tenants?.follow(await tablesOfTenants(run, shop, topology, clients.dynamoDb));
      },
    },
    { logs, signal, resources },
  );
  const { run, clients } = app;
  let shop = findShop(run.deployment);
  const settings = runSettings(context, options);
  const { dynamoDb: client } = clients;
  await external.tracking.connect(
    webhookTarget(run, {
      name: 'carrier-tracking',
      url: shop.carrierTrackingUrl,
      secretArn: shop.carrierTrackingSecretArn,
      tenantIds: settings.tenantIds,
      environment: options.environment,
    }),
  );
  const watches = await watchShop(run, shop, app.topology, settings.tenantIds, { client, resources });
  const times = `synthesized in ${seconds(startedAt - synthesisStartedAt)}, started in ${seconds(clock.now() - startedAt)}`;
  const look = lookInShop({ run, topology: app.topology, external, shop });
  const leftOut = options.release ? [] : [LEFT_OUT];
  for (const line of [...describeApp(app), `(${times})`, ...leftOut, 'To look in:', ...look, '']) screen.line(line);

  return {
    run,
    clients,
    effects: app.effects,
    subscriptions: app.subscriptions,
    startedAt: app.startedAt,
    update: app.update,
    get topology() {
      return app.topology;
    },
    builder,
    assembliesFolder,
    context,
    assemblyOf,
    external,
    settings,
    watches,
    faultProgress,
    get shop() {
      return shop;
    },
  };
}

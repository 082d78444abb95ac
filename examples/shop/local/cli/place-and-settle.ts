import { createMovableClock } from '../../../../local/clock.ts';
import { createUndeliverableEvents } from '../../../../local/operator/undeliverable-events.ts';
import { settleWithOperator, whileWorking } from '../../../../local/operator/while-working.ts';
import { stopAtFailedStart } from '../../../../local/start/failed-start.ts';
import { stopAtMissingGrant } from '../../../../local/start/missing-grant.ts';
import type { RunLogs } from '../../../../local/start/run-logs.ts';
import type { Screen } from '../../../../local/view/screen.ts';
import { commandAnswer } from '../operator/command-answer.ts';
import { createFunctionCalls } from '../orders/function-calls.ts';
import { describeOrder } from '../orders/order-key.ts';
import type { OrderPlan } from '../orders/order-plan.ts';
import { readOrderStates } from '../orders/order-states.ts';
import { createOrderTally, type OrderTally } from '../orders/order-tally.ts';
import { startReviewer } from '../orders/review-held.ts';
import { seedShop } from '../orders/seed-shop.ts';
import { sendCommands } from '../orders/send-commands.ts';
import { commandsOf, orderKeyOf, type ShopAnswer } from '../orders/shop-command.ts';
import type { ShopDriver } from '../orders/shop-driver.ts';
import { watchStates } from '../orders/watch-states.ts';
import type { RevisionDeployments } from '../redeploy/deploy-revisions.ts';
import type { DeploymentRecord } from '../redeploy/deployment-record.ts';
import { readProgress } from '../view/read-progress.ts';
import { showProgress } from '../view/show-progress.ts';
import { openDriver } from './open-driver.ts';
import { openSyncs } from './open-syncs.ts';
import type { RunOptions } from './options.ts';
import { redeploy } from './redeploy.ts';
import type { ShopRun } from './start-shop.ts';

export interface PlacingDeps {
  readonly screen: Screen;
  readonly logs: RunLogs;
  readonly signal: AbortSignal;
}

export interface Placed {
  /** Orders of the plan, of all tenants. */
  readonly total: number;
  readonly tally: OrderTally;
  /** Undefined where the run ended before its first order. */
  readonly driver: ShopDriver | undefined;
  /** In the middle of the run. */
  readonly deployed: readonly DeploymentRecord[];
  /** Events that the bus could not deliver, and the operator's command did. */
  readonly delivered: number;
  /** From the first order to the moment when all had settled. */
  readonly elapsedMs: number;
}

/** Messages that may be received and are not: with more, a run would measure how long its own orders queue up. */
const MOST_WAITING = 100;

/** Beyond these, orders that were not placed are only counted until the summary. */
const MOST_REFUSALS_SHOWN = 10;

const NO_DEPLOYMENTS: RevisionDeployments = { deployAll: async () => [], isHolding: () => false };

/**
 * Places the orders, shows them on their way, and waits until nothing moves; or until a grant turns out to be missing,
 * since what is tried again without it cannot succeed.
 */
export async function placeAndSettle(
  plan: OrderPlan,
  options: RunOptions,
  shopRun: ShopRun,
  { screen, logs, signal: interruption }: PlacingDeps,
): Promise<Placed> {
  const { run, clients, shop, settings, faultProgress } = shopRun;
  const { tenantIds } = settings;
  // the machine's time: the run's own may be driven ahead
  const clock = createMovableClock();
  const tally = createOrderTally();
  const failed = Promise.withResolvers<never>();
  using states = watchStates({
    read: () => readOrderStates(clients.dynamoDb, shop.ordersTableName),
    clock,
    onError: failed.reject,
  });
  let startedAt = clock.now();
  let driver: ShopDriver | undefined;
  let deployed: readonly DeploymentRecord[] = [];
  const elapsedMs = () => clock.now() - startedAt;
  const { metrics } = logs;
  const total = plan.steps.filter(({ kind }) => kind === 'place').length * tenantIds.length;
  const hasSyncs = shop.syncs !== undefined;
  const sources = { total, elapsedMs, tally, states, metrics, sqs: run.sqs, hasSyncs };
  using _progress = showProgress({
    screen,
    clock,
    read: () => readProgress({ ...sources, topology: shopRun.topology }),
    unsettled: run.unsettled,
  });
  using missingGrant = stopAtMissingGrant(run.permissions, screen, options);
  using failedStart = stopAtFailedStart(run, screen, options);
  const stops = [missingGrant.signal, failedStart.signal];
  const signal = AbortSignal.any([interruption, ...stops]);

  const onAnswer = (answer: ShopAnswer) => {
    tally.record(answer);
    faultProgress.ratio = tally.answers() / plan.steps.length / tenantIds.length;
    if (answer.outcome !== 'failed' || tally.refusals.size > MOST_REFUSALS_SHOWN) return;
    const done = answer.command.kind === 'place' ? 'placed' : 'cancelled';
    screen.warn(`${describeOrder(orderKeyOf(answer.command))} was not ${done}: ${answer.reason}`);
  };
  // orders that cannot be sent end the deployments that wait for them
  const sendingFailed = new AbortController();
  const deployments = options.redeploy
    ? redeploy(options, shopRun, {
        orders: { total, answered: tally.answers },
        elapsedMs,
        screen,
        signal: AbortSignal.any([signal, sendingFailed.signal]),
      })
    : NO_DEPLOYMENTS;
  const isBehind = () => {
    if (deployments.isHolding()) return true;
    // a queue that nobody reads is no reason to wait
    const { mappings } = run.deployment;
    const readArns = new Set(mappings.filter(({ enabled }) => enabled).map(({ eventSourceArn }) => eventSourceArn));
    const depths = run.sqs.depths().filter(({ queueArn }) => readArns.has(queueArn));
    return depths.reduce((sum, { visible }) => sum + visible, 0) > MOST_WAITING;
  };
  const hasFaults = options.chaosSeed !== undefined;
  const undeliverable = createUndeliverableEvents({
    sqs: run.sqs,
    topology: () => shopRun.topology,
    commandAnswer: (args) => commandAnswer(args, { clients, clock: run.clock }),
  });
  const settleRun = () => (hasFaults ? settleWithOperator({ run, undeliverable, signal }) : run.settled(signal));
  const { tracking } = shopRun.external;
  /** What carriers still have to tell moves the shop again. */
  const settle = async () => {
    for (await settleRun(); tracking.isBusy(); await settleRun()) await tracking.idle(signal);
  };
  const work = async () => {
    const call = createFunctionCalls(clients.lambda);
    using _reviewer = startReviewer(run.dynamoDb, { shop, call, signal, decideAll: hasFaults });
    const [opened] = await Promise.all([
      openDriver(options, shopRun, { orders: total, signal }),
      seedShop(plan, tenantIds, { call, shop, signal }),
    ]);
    driver = opened;
    const { send } = opened;
    await settle();
    const syncs = openSyncs(options, shopRun, { call, settle, signal });
    await syncs?.begin(plan.products);
    startedAt = clock.now();
    const changing = syncs?.whileOrders();
    const commands = commandsOf(plan.steps, tenantIds);
    const { ordersPerSecond } = options;
    const sending = sendCommands({ commands, send, clock, ordersPerSecond, isBehind, signal, onAnswer });
    sending.catch(sendingFailed.abort.bind(sendingFailed));
    const placing = Promise.all([deployments.deployAll(), sending]);
    [deployed] = hasFaults ? await whileWorking(placing, undeliverable) : await placing;
    faultProgress.ratio = 1;
    opened.journal?.close(run.clock.now());
    await changing?.[Symbol.asyncDispose]();
    await settle();
    await syncs?.finish(plan.products);
    // what is read from here on judges the run
    run.endFaults();
    await opened.probe(signal);
  };
  try {
    await Promise.race([work(), failed.promise]);
  } catch (error) {
    if (!stops.some(({ reason }) => reason !== undefined && error === reason)) throw error;
  }
  const settledAfterMs = elapsedMs();
  await states.refresh();
  return { total, tally, driver, deployed, delivered: undeliverable.delivered(), elapsedMs: settledAfterMs };
}

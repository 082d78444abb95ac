import { createMovableClock } from '../clock.ts';
import { driveTime } from '../drive-time.ts';
import type { OrderSource } from '../orders/open-orders.ts';
import { readOrderStatuses } from '../orders/order-statuses.ts';
import { createOrderTally, type OrderTally } from '../orders/order-tally.ts';
import { createPlaceOrderClient, type Placement } from '../orders/place-order-client.ts';
import { placeOrders } from '../orders/place-orders.ts';
import { watchStatuses } from '../orders/watch-statuses.ts';
import { readProgress } from '../view/read-progress.ts';
import type { Screen } from '../view/screen.ts';
import { showProgress } from '../view/show-progress.ts';
import { stopAtMissingGrant } from './missing-grant.ts';
import type { RunOptions } from './options.ts';
import type { RunLogs } from './run-logs.ts';
import type { Stacks } from './start-stacks.ts';

export interface PlacingDeps {
  readonly screen: Screen;
  readonly logs: RunLogs;
  readonly signal: AbortSignal;
}

export interface Placed {
  readonly tally: OrderTally;
  /** From the first order to the moment when all had settled. */
  readonly elapsedMs: number;
}

/** Beyond these, orders that were not placed are only counted until the summary. */
const MOST_REFUSALS_SHOWN = 10;

/**
 * Places the orders, shows them on their way, and waits until nothing moves; or until a grant turns out to be missing,
 * since what is tried again without it cannot succeed.
 */
export async function placeAndSettle(
  source: OrderSource,
  options: RunOptions,
  { run, clients, topology, shop }: Stacks,
  { screen, logs, signal: interruption }: PlacingDeps,
): Promise<Placed> {
  // the machine's time: the run's own may be driven ahead
  const clock = createMovableClock();
  const tally = createOrderTally();
  const failed = Promise.withResolvers<never>();
  using statuses = watchStatuses({
    read: () => readOrderStatuses(clients.dynamoDb, shop.ordersTableName),
    clock,
    onError: failed.reject,
  });
  const startedAt = clock.now();
  const elapsedMs = () => clock.now() - startedAt;
  const { metrics } = logs;
  const sources = { total: source.total, elapsedMs, tally, statuses, metrics, sqs: run.sqs, topology };
  using _progress = showProgress({
    screen,
    clock,
    read: () => readProgress(sources),
    unsettled: run.unsettled,
  });
  using missingGrant = stopAtMissingGrant(run.permissions, screen, options);
  const signal = AbortSignal.any([interruption, missingGrant.signal]);

  const onPlacement = (placement: Placement) => {
    tally.record(placement);
    if (placement.outcome !== 'failed' || tally.refusals.size > MOST_REFUSALS_SHOWN) return;
    screen.warn(`order ${placement.orderId} was not placed: ${placement.reason}`);
  };
  const work = async () => {
    const place = createPlaceOrderClient(clients.lambda, shop.placeOrderFunctionName);
    const { orders } = source;
    await placeOrders({ orders, place, clock, ordersPerSecond: options.ordersPerSecond, signal, onPlacement });
    if (options.chaosSeed === undefined) await run.settled(signal);
    else await driveTime(run, { signal });
  };
  try {
    await Promise.race([work(), failed.promise]);
  } catch (error) {
    if (error !== missingGrant.signal.reason) throw error;
  }
  const settledAfterMs = elapsedMs();
  await statuses.refresh();
  return { tally, elapsedMs: settledAfterMs };
}

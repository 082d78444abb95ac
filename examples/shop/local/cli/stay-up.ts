import { createMovableClock } from '../../../../local/clock.ts';
import { tellDeadLetters } from '../../../../local/start/dead-letters.ts';
import type { RunLogs } from '../../../../local/start/run-logs.ts';
import type { Screen } from '../../../../local/view/screen.ts';
import type { OrderPlan } from '../orders/order-plan.ts';
import { countByState, type OrderState, readOrderStates } from '../orders/order-states.ts';
import type { RunResult } from '../summary/summarize.ts';
import { lookAround } from '../view/look-around.ts';
import { readProgress } from '../view/read-progress.ts';
import { lookAfter } from './look-after.ts';
import type { Placed } from './place-and-settle.ts';
import type { ShopRun } from './start-shop.ts';

export interface StayUpDeps {
  readonly plan: OrderPlan;
  readonly placed: Placed;
  readonly logs: RunLogs;
  readonly screen: Screen;
  readonly signal: AbortSignal;
  /** What the run came to when it had settled. */
  readonly result: RunResult;
  /** What it comes to now. */
  readonly sumUp: () => Promise<RunResult>;
}

/** Keeps the run up for whoever looks around, until the signal is aborted. */
export async function stayUp(
  shopRun: ShopRun,
  { plan, placed, logs, screen, signal, result, sumUp }: StayUpDeps,
): Promise<never> {
  const { run, clients } = shopRun;
  for (const line of lookAround(shopRun, plan)) screen.line(line);
  // the machine's time: the run's own may be driven ahead
  const clock = createMovableClock();
  const queues = { sqs: run.sqs, deployment: () => run.deployment, consumers: () => shopRun.topology.consumers };
  using _told = tellDeadLetters(queues, { screen, clock });

  let states: ReadonlyMap<OrderState, number> = new Map();
  const refresh = async () => {
    states = countByState(await readOrderStates(clients.dynamoDb, shopRun.shop.ordersTableName));
  };
  await refresh();
  const { total, tally } = placed;
  const hasSyncs = shopRun.shop.syncs !== undefined;
  const sources = { total, tally, metrics: logs.metrics, sqs: run.sqs, hasSyncs, states: { counts: () => states } };
  return await lookAfter(
    {
      screen,
      clock,
      read: () => readProgress({ ...sources, elapsedMs: () => undefined, topology: shopRun.topology }),
      refresh,
      unsettled: run.unsettled,
      judge: async () => (await sumUp()).troubles,
      troubles: result.troubles,
    },
    signal,
  );
}

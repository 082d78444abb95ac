import { takeLedger } from '../ledger/take-ledger.ts';
import { readOrderStatuses } from '../orders/order-statuses.ts';
import { type RunResult, summarize } from '../summary/summarize.ts';
import type { Placed } from './place-and-settle.ts';
import type { RunLogs } from './run-logs.ts';
import type { Stacks } from './start-stacks.ts';

/** Looks where every order and event is, now that nothing moves. */
export async function sumUp(
  { run, clients, topology, shop }: Stacks,
  { metrics, failures }: RunLogs,
  { tally, elapsedMs }: Placed,
  badLines: number,
): Promise<RunResult> {
  const { dynamoDb } = clients;
  const ledger = await takeLedger({ dynamoDb, sqs: run.sqs, topology, failureOf: failures.failureOf });
  const statuses = await readOrderStatuses(dynamoDb, shop.ordersTableName);
  return summarize({
    ledger,
    metrics,
    orders: { sent: tally.sent, refusals: tally.refusals, statuses },
    repeated: tally.answers() - tally.sent.size,
    badLines,
    elapsedMs,
  });
}

import { createEffectAudit } from '../ledger/effect-audit.ts';
import { takeLedger } from '../ledger/take-ledger.ts';
import { readOrderStates } from '../orders/order-states.ts';
import { type RunResult, summarize } from '../summary/summarize.ts';
import type { RunOptions } from './options.ts';
import type { Placed } from './place-and-settle.ts';
import type { RunLogs } from './run-logs.ts';
import type { Stacks } from './start-stacks.ts';

/** Looks where every order and event is, now that nothing moves. */
export async function sumUp(
  { run, clients, topology, shop, effects, setbacks }: Stacks,
  { metrics, failures }: RunLogs,
  { chaosSeed }: Pick<RunOptions, 'chaosSeed'>,
  { tally, elapsedMs }: Placed,
  badLines: number,
): Promise<RunResult> {
  const { dynamoDb } = clients;
  const { failureOf } = failures;
  const audit = createEffectAudit(effects);
  const ledger = await takeLedger({ dynamoDb, sqs: run.sqs, topology, failureOf, audit });
  const states = await readOrderStates(dynamoDb, shop.ordersTableName);
  return summarize({
    ledger,
    effects: audit.findings(),
    setbacks: setbacks.list(),
    metrics,
    orders: { ...tally, states },
    repeated: tally.answers() - tally.sent.size,
    cancellations: tally.cancellations(),
    badLines,
    elapsedMs,
    missingGrants: run.permissions.refusals().map(({ summary }) => summary),
    chaosSeed,
    injected: run.injected(),
  });
}

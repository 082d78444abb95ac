import type { CloudEvent } from '../../lib/contracts/index.ts';
import { chaosPlan } from '../faults/chaos-plan.ts';
import { kindsOf } from '../faults/fault-plan.ts';
import { createEventTrail } from '../../examples/shop/local/invariants/event-trail.ts';
import { createEffectAudit } from '../ledger/effect-audit.ts';
import { takeLedger } from '../ledger/take-ledger.ts';
import type { OrderPlan } from '../../examples/shop/local/orders/order-plan.ts';
import { readOrderStates } from '../../examples/shop/local/orders/order-states.ts';
import { type RunResult, summarize } from '../summary/summarize.ts';
import { askReadModels } from './ask-read-models.ts';
import { checkInvariants } from './check-invariants.ts';
import type { RunOptions } from './options.ts';
import type { Placed } from './place-and-settle.ts';
import { retentionPasses } from './retention-passes.ts';
import type { RunLogs } from './run-logs.ts';
import type { Stacks } from './start-stacks.ts';

export interface SumUpDeps {
  readonly plan: OrderPlan;
  readonly badLines: number;
  readonly signal: AbortSignal;
}

/** Looks where every order and event is, now that nothing moves. */
export async function sumUp(
  stacks: Stacks,
  { metrics, failures }: RunLogs,
  { chaosSeed, exit }: Pick<RunOptions, 'chaosSeed' | 'exit'>,
  { tally, deployed, delivered, elapsedMs }: Placed,
  { plan, badLines, signal }: SumUpDeps,
): Promise<RunResult> {
  const { run, topology, subscriptions, shop, effects, external, watches } = stacks;
  const { fulfilment, tenantIds } = stacks.settings;
  const { dynamoDb } = stacks.clients;
  const { failureOf } = failures;
  const effectAudit = createEffectAudit(effects);
  const trail = createEventTrail(tenantIds);
  const audit = {
    addDelivery: effectAudit.addDelivery,
    addEvent(event: CloudEvent) {
      effectAudit.addEvent(event);
      trail.addEvent(event);
    },
  };
  const ledger = await takeLedger({
    dynamoDb,
    sqs: run.sqs,
    topology,
    dutiesOf: subscriptions.dutiesOf,
    failureOf,
    audit,
  });
  const states = await readOrderStates(dynamoDb, shop.ordersTableName);
  const models = await askReadModels(stacks, signal);
  const missingGrants = run.permissions.refusals().map(({ summary }) => summary);
  const isWell = missingGrants.length === 0 && ledger.open.length + ledger.strays.length === 0;
  const invariants = [
    // without a grant the run ended before all was settled
    ...(missingGrants.length > 0 ? [] : await checkInvariants(stacks, { plan, states, trail, models })),
    // last of all, and only where nobody looks around after it: the log is empty then
    ...(isWell && chaosSeed !== undefined && exit ? [await retentionPasses(stacks, { plan, signal })] : []),
  ];
  return summarize({
    fulfilment,
    tenants: tenantIds.filter((tenantId) => tenantId !== undefined).length,
    ledger,
    effects: effectAudit.findings(),
    setbacks: watches.setbacks.list(),
    metrics,
    orders: { ...tally, states },
    repeated: tally.answers() - tally.sent.size,
    cancellations: tally.cancellations(),
    badLines,
    elapsedMs,
    deployed,
    missingGrants,
    delivered,
    invariants,
    readModels: models,
    chaosSeed,
    faultKinds: chaosSeed === undefined ? [] : kindsOf(chaosPlan(chaosSeed)),
    injected: run.injected(),
    externalFaults: external.injected(),
  });
}

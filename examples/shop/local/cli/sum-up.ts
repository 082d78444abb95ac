import type { CloudEvent } from '../../../../lib/definitions/index.ts';
import { chaosPlan } from '../../../../local/faults/chaos-plan.ts';
import { kindsOf } from '../../../../local/faults/fault-plan.ts';
import { createEffectAudit } from '../../../../local/ledger/effect-audit.ts';
import { takeLedger } from '../../../../local/ledger/take-ledger.ts';
import { describeStartFailure } from '../../../../local/start/failed-start.ts';
import type { RunLogs } from '../../../../local/start/run-logs.ts';
import { createProductTrail } from '../invariants/catalog-watch.ts';
import { createEventTrail } from '../invariants/event-trail.ts';
import { createOwnedReader } from '../invariants/owned-items.ts';
import { createTrackingTrail } from '../invariants/tracking.ts';
import type { OrderPlan } from '../orders/order-plan.ts';
import { readOrderStates } from '../orders/order-states.ts';
import { type RunResult, summarize } from '../summary/summarize.ts';
import { readSyncFacts } from '../syncs/sync-facts.ts';
import { summarizeSyncs } from '../syncs/sync-summary.ts';
import { askReadModels } from './ask-read-models.ts';
import { checkInvariants } from './check-invariants.ts';
import type { RunOptions } from './options.ts';
import type { Placed } from './place-and-settle.ts';
import { retentionPasses } from './retention-passes.ts';
import type { ShopRun } from './start-shop.ts';

export interface SumUpDeps {
  readonly plan: OrderPlan;
  readonly badLines: number;
  readonly signal: AbortSignal;
}

/** Looks where every order and event is, now that nothing moves. */
export async function sumUp(
  shopRun: ShopRun,
  { metrics, failures }: RunLogs,
  { chaosSeed, exit }: Pick<RunOptions, 'chaosSeed' | 'exit'>,
  { tally, driver, deployed, delivered, elapsedMs }: Placed,
  { plan, badLines, signal }: SumUpDeps,
): Promise<RunResult> {
  const { run, topology, subscriptions, shop, effects, external, watches } = shopRun;
  const { fulfilment, tenantIds } = shopRun.settings;
  const { dynamoDb } = shopRun.clients;
  const { failureOf } = failures;
  const effectAudit = createEffectAudit(effects);
  const trail = createEventTrail(tenantIds);
  const trackingTrail = createTrackingTrail();
  const productTrail = createProductTrail();
  const audit = {
    addDelivery: effectAudit.addDelivery,
    addEvent(event: CloudEvent) {
      effectAudit.addEvent(event);
      trail.addEvent(event);
      trackingTrail.addEvent(event);
      productTrail.addEvent(event);
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
  const models = await askReadModels(shopRun, signal);
  const reader = createOwnedReader(dynamoDb, { hasTenants: watches.tenants !== undefined });
  const syncFacts = shop.syncs === undefined ? undefined : await readSyncFacts(reader.read, shop.syncs.tableNames);
  const missingGrants = run.permissions.refusals().map(({ summary }) => summary);
  const failedStarts = run.lambda.startFailures.list().map((failure) => describeStartFailure(run, failure));
  const isStopped = missingGrants.length + failedStarts.length > 0;
  const isWell = !isStopped && ledger.open.length + ledger.strays.length === 0;
  const invariants = [
    // without a grant the run ended before all was settled
    ...(isStopped
      ? []
      : await checkInvariants(shopRun, {
          plan,
          states,
          trail,
          trackingTrail,
          productTrail,
          syncFacts,
          models,
          journal: driver?.journal,
          isRedeployed: deployed.length > 0,
        })),
    // last of all, and only where nobody looks around after it: the log is empty then
    ...(isWell && chaosSeed !== undefined && exit
      ? [await retentionPasses(shopRun, { plan, asCarriedOut: driver?.asCarriedOut, signal })]
      : []),
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
    http: driver?.journal?.counts,
    deployed,
    missingGrants,
    failedStarts,
    delivered,
    invariants,
    readModels: models,
    syncs: syncFacts === undefined ? [] : summarizeSyncs(syncFacts),
    chaosSeed,
    faultKinds: chaosSeed === undefined ? [] : kindsOf(chaosPlan(chaosSeed)),
    injected: run.injected(),
    ownFaults: new Map<string, number>([...external.injected(), ...(driver?.journal?.faults ?? [])]),
  });
}

import { METRIC } from '../../../../lib/definitions/index.ts';
import type { FaultKind } from '../../../../local/faults/fault-plan.ts';
import type { InjectedFault } from '../../../../local/faults/fault-record.ts';
import type { EffectAudit } from '../../../../local/ledger/effect-audit.ts';
import type { FunctionMetrics } from '../../../../local/ledger/function-metrics.ts';
import type { Ledger } from '../../../../local/ledger/take-ledger.ts';
import type { HttpCounts } from '../http/http-journal.ts';
import type { Invariant } from '../invariants/invariant.ts';
import { countByState, type OrderState, sumByState } from '../orders/order-states.ts';
import type { ReadModels } from '../read-models/read-model.ts';
import type { DeploymentRecord } from '../redeploy/deployment-record.ts';
import type { SyncSummary } from '../syncs/sync-summary.ts';
import { type ReadModelSummary, summarizeReadModels } from './read-model-summary.ts';
import { findTroubles, type OrdersAtTheEnd } from './troubles.ts';

/** What `--json` prints. */
interface RunSummary {
  /** Whether the services followed each other's events, or a saga sent them commands. */
  readonly fulfilment: string;
  /** Who shared the stacks, each with all orders; 0 in a deployment without tenants. */
  readonly tenants: number;
  /** Orders in the orders table. */
  readonly orders: number;
  /** Orders that were sent but are not in the table. */
  readonly notPlaced: number;
  /** Sent again under an id that was sent before; each has had its effect once. */
  readonly repeated: number;
  /** Cancellations by customers that the shop took; whether in time, the states say. */
  readonly cancellations: number;
  /** Lines of the input that were no orders. */
  readonly badLines: number;
  /** Events that the bus has accepted. */
  readonly published: number;
  /** Events times consumers whose effect stands in the inbox. */
  readonly handled: number;
  /** Deliveries of handled events that were passed over. */
  readonly duplicates: number;
  /** Tries that failed; most succeed later. */
  readonly failed: number;
  /** Messages in dead-letter queues. */
  readonly deadLetters: number;
  /** Messages in the dead-letter queues of the bus's targets. */
  readonly undeliverable: number;
  /** Events that the bus could not deliver and the operator's command did, in the middle of the run. */
  readonly delivered: number;
  /** Events that can never be published as they are. */
  readonly quarantined: number;
  /** Events times consumers that wait in the log behind an earlier event of their group. */
  readonly held: number;
  /** Events times consumers that are in no place where they could be. */
  readonly lost: number;
  /** Events times consumers that did not handle them, and need not: a deployment took their type out of the subscription. */
  readonly steppedOver: number;
  /** Effects beyond the first that an event had at a consumer. */
  readonly repeatedEffects: number;
  /** Events that a strict consumer handled before an earlier one of their group, and orders whose status went back. */
  readonly orderBreaks: number;
  /** Requests that the templates do not grant: who, what, on which resource. */
  readonly missingGrants: readonly string[];
  /** Functions whose code cannot be loaded: which, and why. */
  readonly failedStarts: readonly string[];
  /** Orders by state; the cancelled ones by reason. */
  readonly states: Readonly<Record<OrderState, number>>;
  /** What the orders of each state come to, in minor units. */
  readonly sums: Readonly<Record<OrderState, number>>;
  /** From the producer's commit to the handler's; null when nothing was handled. */
  readonly latencyMs: {
    readonly p50: number | null;
    readonly p99: number | null;
    /** The consumer that was farthest behind, by its own p99. */
    readonly slowest: { readonly consumer: string; readonly p99: number } | null;
  };
  /** From the first order to the moment when all had settled, on the machine's clock. */
  readonly elapsedMs: number;
  /** How the run's clients used the shop's API; null where its functions were invoked. */
  readonly http: HttpCounts | null;
  /** The seed of the faults; null without them. */
  readonly chaos: number | null;
  /** How often each kind of fault was injected, 0 included. */
  readonly injected: Readonly<Record<string, number>>;
  /** In the middle of the run. */
  readonly deployments: readonly DeploymentRecord[];
  /** What the query functions of the shop answer, for each tenant. */
  readonly readModels: readonly ReadModelSummary[];
  /** What each sync came to, by provider; none in a shop without syncs. */
  readonly syncs: readonly SyncSummary[];
  /** What must be so of the shop's money, stock, orders, mail and tenants, as the run found it. */
  readonly invariants: readonly Invariant[];
}

export interface RunFacts {
  readonly fulfilment: string;
  readonly tenants: number;
  readonly ledger: Ledger;
  readonly effects: ReturnType<EffectAudit['findings']>;
  readonly setbacks: readonly string[];
  readonly metrics: FunctionMetrics;
  readonly orders: OrdersAtTheEnd;
  readonly repeated: number;
  readonly cancellations: number;
  readonly badLines: number;
  readonly elapsedMs: number;
  /** Undefined where no order came over HTTP. */
  readonly http: HttpCounts | undefined;
  readonly deployed: readonly DeploymentRecord[];
  readonly delivered: number;
  readonly missingGrants: readonly string[];
  readonly failedStarts: readonly string[];
  readonly chaosSeed: number | undefined;
  /** What the fault plan has. */
  readonly faultKinds: readonly FaultKind[];
  readonly injected: readonly InjectedFault[];
  /** Faults of the external systems, and on the way to the shop's API, by kind. */
  readonly ownFaults: ReadonlyMap<string, number>;
  readonly invariants: readonly Invariant[];
  readonly readModels: readonly ReadModels[];
  readonly syncs: readonly SyncSummary[];
}

export interface RunResult {
  readonly summary: RunSummary;
  /** One line for every order and message that is not where it should be; none is success. */
  readonly troubles: readonly string[];
}

export function summarize(facts: RunFacts): RunResult {
  const {
    ledger,
    effects,
    setbacks,
    metrics,
    orders,
    repeated,
    badLines,
    elapsedMs,
    missingGrants,
    failedStarts,
    invariants,
  } = facts;
  const { states } = orders;
  const slowest = metrics.slowest(METRIC.commitToHandled, 0.99);
  type Place = Ledger['open'][number]['place'];
  const isAt = (place: Place) => (delivery: { readonly place: Place }) => delivery.place === place;
  const countOpen = (place: Place) => ledger.open.filter(isAt(place)).length;
  const countMessages = (place: Place) => countOpen(place) + ledger.strays.filter(isAt(place)).length;
  const quarantined = new Set(
    ledger.open.filter(isAt('quarantined')).map(({ group, sequence }) => `${sequence} ${group}`),
  );
  return {
    summary: {
      fulfilment: facts.fulfilment,
      tenants: facts.tenants,
      orders: states.size,
      notPlaced: [...new Set(orders.sent)].filter((orderId) => !states.has(orderId)).length,
      repeated,
      cancellations: facts.cancellations,
      badLines,
      published: ledger.published,
      handled: ledger.handled,
      duplicates: metrics.count(METRIC.duplicatesSkipped),
      failed: metrics.count(METRIC.eventsFailed),
      deadLetters: countMessages('dead-letter'),
      undeliverable: countMessages('undeliverable'),
      delivered: facts.delivered,
      quarantined: quarantined.size,
      held: countOpen('held'),
      lost: countOpen('lost'),
      steppedOver: ledger.steppedOver,
      repeatedEffects: effects.repeatedEffects,
      orderBreaks: effects.orderBreaks + setbacks.length,
      missingGrants,
      failedStarts,
      states: Object.fromEntries(countByState(states)),
      sums: Object.fromEntries(sumByState(states)),
      latencyMs: {
        p50: metrics.quantile(METRIC.commitToHandled, 0.5) ?? null,
        p99: metrics.quantile(METRIC.commitToHandled, 0.99) ?? null,
        slowest: slowest === undefined ? null : { consumer: slowest.service, p99: slowest.value },
      },
      elapsedMs: Math.round(elapsedMs),
      http: facts.http ?? null,
      chaos: facts.chaosSeed ?? null,
      injected: { ...countByKind(facts), ...Object.fromEntries(facts.ownFaults) },
      deployments: facts.deployed,
      readModels: facts.readModels.map(summarizeReadModels),
      syncs: facts.syncs,
      invariants,
    },
    troubles: [
      ...failedStarts,
      ...missingGrants.map((summary) => `access denied: ${summary}`),
      ...facts.deployed.flatMap(describeFailed),
      ...effects.troubles,
      ...setbacks,
      ...findTroubles(orders, ledger),
      ...invariants.flatMap(describeBroken),
    ],
  };
}

function countByKind({ faultKinds, injected }: Pick<RunFacts, 'faultKinds' | 'injected'>): RunSummary['injected'] {
  const counts: Record<string, number> = Object.fromEntries(faultKinds.map((kind) => [kind, 0]));
  for (const { kind, count } of injected) counts[kind] = (counts[kind] ?? 0) + count;
  return counts;
}

const describeFailed = ({ revision, failed }: DeploymentRecord): string[] =>
  failed === null ? [] : [`the deployment of '${revision}' failed: ${failed}`];

const describeBroken = ({ name, holds, detail }: Invariant): string[] =>
  holds ? [] : detail.map((line) => `does not hold: ${name}: ${line}`);

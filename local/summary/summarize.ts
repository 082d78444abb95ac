import { METRIC } from '../../lib/contracts/index.ts';
import type { FunctionMetrics } from '../ledger/function-metrics.ts';
import type { Ledger, OpenPlace } from '../ledger/take-ledger.ts';
import { countByStatus } from '../orders/order-statuses.ts';
import { findTroubles, type OrdersAtTheEnd } from './troubles.ts';

/** What `--json` prints. */
interface RunSummary {
  /** Orders in the orders table. */
  readonly orders: number;
  /** Orders that were sent but are not in the table. */
  readonly notPlaced: number;
  /** Sent again under an id that was sent before; each has had its effect once. */
  readonly repeated: number;
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
  /** Events that can never be published as they are. */
  readonly quarantined: number;
  /** Events times consumers that are in no place where they could be. */
  readonly lost: number;
  /** Orders by final status. */
  readonly states: Readonly<Record<string, number>>;
  /** From the producer's commit to the handler's; null when nothing was handled. */
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null };
  /** From the first order to the moment when all had settled. */
  readonly elapsedMs: number;
}

export interface RunFacts {
  readonly ledger: Ledger;
  readonly metrics: FunctionMetrics;
  readonly orders: OrdersAtTheEnd;
  readonly repeated: number;
  readonly badLines: number;
  readonly elapsedMs: number;
}

export interface RunResult {
  readonly summary: RunSummary;
  /** One line for every order and message that is not where it should be; none is success. */
  readonly troubles: readonly string[];
}

export function summarize({ ledger, metrics, orders, repeated, badLines, elapsedMs }: RunFacts): RunResult {
  const { statuses } = orders;
  const isAt = (place: OpenPlace) => (delivery: { readonly place: OpenPlace }) => delivery.place === place;
  const countOpen = (place: OpenPlace) => ledger.open.filter(isAt(place)).length;
  const countMessages = (place: OpenPlace) => countOpen(place) + ledger.strays.filter(isAt(place)).length;
  const quarantined = new Set(
    ledger.open.filter(isAt('quarantined')).map(({ group, sequence }) => `${sequence} ${group}`),
  );
  return {
    summary: {
      orders: statuses.size,
      notPlaced: [...new Set(orders.sent)].filter((orderId) => !statuses.has(orderId)).length,
      repeated,
      badLines,
      published: ledger.published,
      handled: ledger.handled,
      duplicates: metrics.count(METRIC.duplicatesSkipped),
      failed: metrics.count(METRIC.eventsFailed),
      deadLetters: countMessages('dead-letter'),
      undeliverable: countMessages('undeliverable'),
      quarantined: quarantined.size,
      lost: countOpen('lost'),
      states: Object.fromEntries(countByStatus(statuses)),
      latencyMs: {
        p50: metrics.quantile(METRIC.commitToHandled, 0.5) ?? null,
        p99: metrics.quantile(METRIC.commitToHandled, 0.99) ?? null,
      },
      elapsedMs: Math.round(elapsedMs),
    },
    troubles: findTroubles(orders, ledger),
  };
}

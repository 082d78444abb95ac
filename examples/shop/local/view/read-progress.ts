import { METRIC } from '../../../../lib/definitions/index.ts';
import type { FunctionMetrics } from '../../../../local/ledger/function-metrics.ts';
import type { Topology } from '../../../../local/ledger/topology.ts';
import type { Sqs } from '../../../../local/sqs/sqs.ts';
import type { OrderTally } from '../orders/order-tally.ts';
import type { StateWatch } from '../orders/watch-states.ts';
import type { Progress } from './progress.ts';

export interface ProgressSources {
  readonly total: number;
  readonly elapsedMs: () => number | undefined;
  readonly tally: OrderTally;
  readonly states: Pick<StateWatch, 'counts'>;
  readonly metrics: FunctionMetrics;
  readonly sqs: Pick<Sqs, 'depths'>;
  readonly topology: Topology;
  readonly hasSyncs: boolean;
}

/** Puts together how far the run is; cheap enough to be asked many times a second. */
export function readProgress({ tally, metrics, topology, ...sources }: ProgressSources): Progress {
  const depths = new Map(sources.sqs.depths().map((depth) => [depth.queueArn, depth]));
  const messagesIn = (queueArns: readonly (string | undefined)[]) =>
    [...new Set(queueArns)].reduce((sum, arn) => sum + allOf(depths.get(arn ?? '')), 0);
  const { consumers } = topology;
  return {
    elapsedMs: sources.elapsedMs(),
    placed: tally.answers(),
    cancellations: tally.cancellations(),
    total: sources.total,
    notPlaced: tally.refusals.size,
    states: sources.states.counts(),
    published: metrics.count(METRIC.eventsPublished),
    handled: metrics.count(METRIC.eventsHandled),
    duplicates: metrics.count(METRIC.duplicatesSkipped),
    failed: metrics.count(METRIC.eventsFailed),
    syncs: sources.hasSyncs
      ? {
          applied: metrics.count(METRIC.syncChangesApplied),
          parked: metrics.count(METRIC.syncRecordsParked),
          echoes: metrics.count(METRIC.syncEchoesSuppressed),
          runs: metrics.count(METRIC.syncRunsSucceeded) + metrics.count(METRIC.syncRunsFailed),
          failedRuns: metrics.count(METRIC.syncRunsFailed),
        }
      : undefined,
    waiting: new Map(consumers.map(({ name, queue }) => [name, messagesIn([queue.arn])])),
    deadLetters: messagesIn(consumers.map(({ deadLetterQueueArn }) => deadLetterQueueArn)),
    undeliverable: messagesIn(consumers.flatMap(({ undeliverableQueueArns }) => undeliverableQueueArns)),
  };
}

const allOf = (depth: ReturnType<Sqs['depths']>[number] | undefined): number =>
  depth === undefined ? 0 : depth.visible + depth.inFlight + depth.delayed;

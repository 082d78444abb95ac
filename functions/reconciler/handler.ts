import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { METRIC } from '../../lib/definitions/index.ts';
import {
  oldestReconciledMs,
  openFindings,
  type ReconcileRunDeps,
  type ReconcileRunOptions,
  runReconciliation,
} from '../../lib/operations/index.ts';
import { addMs } from '../../lib/shared/time.ts';

export interface ReconcilerHandlerDeps {
  readonly run: ReconcileRunDeps;
  readonly options: Omit<ReconcileRunOptions, 'until' | 'endsAt'>;
  /** Reads the tuned settings and sets the log level. MUST NOT reject. @default - nothing is tuned */
  readonly tuning?: () => Promise<unknown>;
  readonly logger: Pick<Logger, 'addContext' | 'info' | 'error'>;
  readonly metrics: {
    addMetric(name: string, unit: 'Count' | 'Milliseconds', value: number): unknown;
    hasStoredMetrics(): boolean;
    publishStoredMetrics(): unknown;
  };
}

/** What an invocation did, also for a manual one. */
export interface ReconcilerReport {
  readonly kind: 'done' | 'busy' | 'overtaken';
  readonly openFindings?: number;
  readonly oldestReconciledMs?: number;
}

/** Time to judge again what looks unaccounted, and to save. */
const RESERVE_MS = 30_000;

/** Most findings are of one cause: the log names some, and `waybill reconcile show` all that are stored. */
const MAX_LOGGED = 20;

/**
 * Continues the pass as far as it is due, and reports what is unaccounted for. Invoked by hand with `{"until":"whole"}` it
 * begins a pass and goes as far as its time allows.
 */
export const createReconcilerHandler =
  ({ run, options, tuning, logger, metrics }: ReconcilerHandlerDeps) =>
  async (event: unknown, context: Context): Promise<ReconcilerReport> => {
    logger.addContext(context);
    try {
      await tuning?.();
      const budgetMs = context.getRemainingTimeInMillis() - options.confirmAfterMs - RESERVE_MS;
      const report = await runReconciliation(run, {
        ...options,
        until: isForWhole(event) ? 'whole' : 'due',
        endsAt: addMs(run.clock.now(), budgetMs),
      });
      if (report.kind !== 'done') {
        logger.info('another run continues the reconciliation', { outcome: report.kind });
        return { kind: report.kind };
      }
      const { pass, findings } = report;
      const found = openFindings(pass);
      const oldestMs = oldestReconciledMs(pass, run.clock.now());
      metrics.addMetric(METRIC.unaccounted, 'Count', found);
      metrics.addMetric(METRIC.oldestReconciledAge, 'Milliseconds', oldestMs);
      metrics.addMetric(METRIC.itemsReconciled, 'Count', pass.tally.items);
      for (const { event, ...finding } of findings.slice(0, MAX_LOGGED)) {
        logger.error('not accounted for', { ...finding, event_id: event?.id, event_type: event?.type });
      }
      logger.info('reconciled', {
        pass: pass.pass,
        position: pass.position,
        ...pass.tally,
        open_findings: found,
        oldest_reconciled_ms: oldestMs,
      });
      return { kind: 'done', openFindings: found, oldestReconciledMs: oldestMs };
    } finally {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    }
  };

const isForWhole = (event: unknown): boolean =>
  typeof event === 'object' && event !== null && 'until' in event && event.until === 'whole';

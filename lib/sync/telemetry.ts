import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { METRIC } from '../definitions/index.ts';
import type { Conflict } from './merge.ts';
import type { Plan } from './plan.ts';
import type { Outgoing, RunRecord, ScopeKey } from './state.ts';

export interface SyncTelemetryDeps {
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly metrics: Pick<Metrics, 'addMetric'>;
}

/** Log lines and metrics of a sync. They name records and fields and contain no values. */
export interface SyncTelemetry {
  /** A change was committed. */
  recorded(plan: Plan, externalId: string): void;
  /** A change of ours was written to a provider, and stored. */
  written(outgoing: Outgoing, provider: string): void;
  runStarted(run: RunRecord): void;
  /** A request found a run of its scope under way. */
  runSkipped(key: ScopeKey, runId: string): void;
  runWaits(run: RunRecord): void;
  approvalDue(run: RunRecord, missing: number): void;
  /** @param lagMs from the time up to which an increment has read; undefined for other runs and those that failed */
  runEnded(run: RunRecord, lagMs?: number): void;
}

export function createSyncTelemetry({ logger, metrics }: SyncTelemetryDeps): SyncTelemetry {
  const count = (metric: string) => void metrics.addMetric(metric, MetricUnit.Count, 1);
  const fields = ({ sync, provider, runId, mode, trigger, status, counts, slice, reason }: RunRecord) => ({
    sync,
    provider,
    run_id: runId,
    mode,
    trigger,
    status,
    slice,
    ...counts,
    ...(reason !== undefined && { error_code: reason.code, reason: reason.message }),
  });

  return {
    recorded({ outcome, reason, signs: { nearMiss, conflicts } }, externalId) {
      if (outcome === 'created' || outcome === 'updated' || outcome === 'deleted') count(METRIC.syncChangesApplied);
      if (outcome === 'echo') count(METRIC.syncEchoesSuppressed);
      if (nearMiss) {
        count(METRIC.syncNearMisses);
        logger.warn('sync: a change nearly was our own', { external_id: externalId, outcome });
      }
      if (conflicts.length > 0) {
        count(METRIC.syncConflicts);
        const fieldsOf = (winner: Conflict['winner']) =>
          conflicts.filter((conflict) => conflict.winner === winner).map(({ field }) => field);
        logger.warn('sync: both sides have changed a record', {
          external_id: externalId,
          kept_fields: fieldsOf('local'),
          replaced_fields: fieldsOf('provider'),
        });
      }
      if (outcome !== 'parked') return;
      count(METRIC.syncRecordsParked);
      logger.warn('sync: record parked', {
        external_id: externalId,
        error_code: reason?.code,
        reason: reason?.message,
      });
    },
    written({ kind, externalId, print }, provider) {
      count(METRIC.syncChangesWritten);
      logger.info('sync: change written', { provider, kind, external_id: externalId, fields: print.fields });
    },
    runStarted: (run) => logger.info('sync: run started', fields(run)),
    runSkipped: ({ sync, provider, scope }, runId) =>
      logger.info('sync: request skipped, a run is under way', { sync, provider, scope, run_id: runId }),
    runWaits: (run) => logger.warn('sync: run waits', fields(run)),
    approvalDue(run, missing) {
      count(METRIC.syncApprovalsDue);
      logger.warn('sync: deletes wait for an approval', { ...fields(run), missing });
    },
    runEnded(run, lagMs) {
      if (lagMs !== undefined) metrics.addMetric(METRIC.syncLag, MetricUnit.Milliseconds, lagMs);
      const isFailed = run.status === 'failed';
      if (isFailed) count(METRIC.syncRunsFailed);
      if (run.reason?.code === 'EXTERNAL_UNAUTHORIZED') count(METRIC.syncCredentialsRefused);
      if (run.status === 'succeeded' || run.status === 'partial') count(METRIC.syncRunsSucceeded);
      logger[isFailed ? 'error' : 'info']('sync: run ended', fields(run));
    },
  };
}

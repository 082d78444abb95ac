import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { addMs, type Clock } from '../../lib/shared/time.ts';
import type { SyncTick, TickReport } from '../../lib/sync/index.ts';

export interface SyncTickHandlerDeps {
  readonly tick: SyncTick;
  readonly clock: Clock;
  /** Reads the tuned settings and sets the log level. MUST NOT reject. @default - nothing is tuned */
  readonly tuning?: () => Promise<unknown>;
  readonly logger: Pick<Logger, 'addContext' | 'info'>;
  readonly metrics: { hasStoredMetrics(): boolean; publishStoredMetrics(): unknown };
}

/** Time for the subscriptions of a page. */
const RESERVE_MS = 15_000;

/** Ticks once per invocation and returns the report. Fails if a subscription could not be scheduled: the alarm tells. */
export const createSyncTickHandler =
  ({ tick, clock, tuning, logger, metrics }: SyncTickHandlerDeps) =>
  async (_event: unknown, context: Context): Promise<TickReport> => {
    logger.addContext(context);
    await tuning?.();
    try {
      const endsAt = addMs(clock.now(), context.getRemainingTimeInMillis() - RESERVE_MS);
      const report = await tick.run(endsAt);
      if (report.asked > 0 || report.overdue > 0) logger.info('sync: tick', { ...report });
      if (report.failed > 0) {
        throw new Error(
          `${report.failed} subscriptions could not be scheduled and stay due: the log lines 'sync: a subscription could not be scheduled' say why`,
        );
      }
      return report;
    } finally {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    }
  };

import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { WaitingGauge } from '../../lib/consumer/index.ts';
import type { Tuning } from '../../lib/definitions/index.ts';
import type { Sweeper, SweepReport } from '../../lib/outbox/index.ts';
import { loggable } from '../../lib/shared/thrown.ts';

export interface SweeperHandlerDeps {
  readonly sweeper: Sweeper;
  /** Reads the tuned settings and sets the log level. MUST NOT reject. @default - nothing is tuned */
  readonly tuning?: () => Promise<Pick<Tuning, 'sweepAfterSeconds' | 'sweepMaxEvents'>>;
  /**
   * Counts the waiting groups of consumers. Runs last, and neither delays nor fails the sweep. @default - groups are
   * not counted
   */
  readonly gauge?: WaitingGauge;
  readonly logger: Pick<Logger, 'addContext' | 'warn'>;
  readonly metrics: { hasStoredMetrics(): boolean; publishStoredMetrics(): unknown };
}

/** Sweeps once per invocation and returns the report, also to a manual invocation. */
export const createSweeperHandler =
  ({ sweeper, tuning, gauge, logger, metrics }: SweeperHandlerDeps) =>
  async (_event: unknown, context: Context): Promise<SweepReport> => {
    logger.addContext(context);
    try {
      const { sweepAfterSeconds, sweepMaxEvents } = (await tuning?.()) ?? {};
      const report = await sweeper.run(context.getRemainingTimeInMillis(), {
        ...(sweepAfterSeconds === undefined ? {} : { sweepAfterMs: sweepAfterSeconds * 1_000 }),
        ...(sweepMaxEvents === undefined ? {} : { maxEvents: sweepMaxEvents }),
      });
      if (gauge !== undefined) await gaugeInTime(gauge, context.getRemainingTimeInMillis(), logger);
      return report;
    } finally {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    }
  };

/** Time for a slow page and the response. */
const RESERVE_MS = 6_000;

const GAUGE_MAX_MS = 10_000;

async function gaugeInTime(gauge: WaitingGauge, remainingMs: number, logger: Pick<Logger, 'warn'>): Promise<void> {
  const budgetMs = Math.min(remainingMs - RESERVE_MS, GAUGE_MAX_MS);
  if (budgetMs <= 0) return;
  try {
    await gauge.run(budgetMs);
  } catch (error) {
    logger.warn('the waiting groups could not be counted', { error: loggable(error) });
  }
}

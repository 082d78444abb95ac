import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { Sweeper, SweepReport } from '../../lib/sweeper/index.ts';

export interface SweeperHandlerDeps {
  readonly sweeper: Sweeper;
  readonly logger: Pick<Logger, 'addContext'>;
  readonly metrics: { hasStoredMetrics(): boolean; publishStoredMetrics(): unknown };
}

/** Sweeps once; what started it does not matter. Whoever invokes it by hand gets the report. */
export const createSweeperHandler =
  ({ sweeper, logger, metrics }: SweeperHandlerDeps) =>
  async (_event: unknown, context: Context): Promise<SweepReport> => {
    logger.addContext(context);
    try {
      return await sweeper.run(context.getRemainingTimeInMillis());
    } finally {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    }
  };

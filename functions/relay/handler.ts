import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { type Relay, readStreamRecord } from '../../lib/outbox/index.ts';

export interface RelayHandlerDeps {
  readonly relay: Relay;
  /** Reads the tuned settings and sets the log level. MUST NOT reject. @default - nothing is tuned */
  readonly tuning?: () => Promise<unknown>;
  readonly logger: Pick<Logger, 'addContext'>;
  readonly metrics: { hasStoredMetrics(): boolean; publishStoredMetrics(): unknown };
}

/**
 * Relays a batch of the outbox stream. The response names at most one record, the lowest that failed, because Lambda
 * retries from the lowest record that is named.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
export const createRelayHandler =
  ({ relay, tuning, logger, metrics }: RelayHandlerDeps) =>
  async (event: DynamoDBStreamEvent, context: Context): Promise<DynamoDBBatchResponse> => {
    logger.addContext(context);
    try {
      await tuning?.();
      const records = event.Records.map(readStreamRecord).filter((record) => record !== undefined);
      const { lowestFailed } = await relay.run(records, context.getRemainingTimeInMillis());
      return { batchItemFailures: lowestFailed === undefined ? [] : [{ itemIdentifier: lowestFailed }] };
    } finally {
      if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    }
  };

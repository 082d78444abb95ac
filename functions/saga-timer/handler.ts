import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { sagaTimerDue } from '../../lib/contracts/index.ts';
import type { Outbox } from '../../lib/outbox/index.ts';
import { readTimerMessage } from '../../lib/saga/index.ts';

export interface SagaTimerDeps {
  readonly outbox: Outbox;
  readonly logger: Pick<Logger, 'addContext' | 'info' | 'error'>;
}

/**
 * Publishes each timer that is due into its saga's group, so that it comes in order like every other event. A timer
 * that comes twice is published twice: the saga knows what it waits for.
 */
export const createSagaTimerHandler = ({ outbox, logger }: SagaTimerDeps) => {
  const publish = async ({ body }: SQSRecord): Promise<void> => {
    const { saga, tenantId, correlationId, ...data } = readTimerMessage(body);
    await outbox.transact((tx) => tx.publish(sagaTimerDue(saga), data), {
      correlationId,
      ...(tenantId === undefined ? {} : { tenantId }),
    });
    const { sagaId, step, kind, attempt } = data;
    const keys = { correlation_id: correlationId, tenant_id: tenantId, saga, saga_id: sagaId, saga_step: step };
    logger.info('timer due', { ...keys, kind, attempt });
  };

  return async ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    logger.addContext(context);
    const failed = await Promise.all(
      Records.map(async (record) => {
        try {
          await publish(record);
          return [];
        } catch (error) {
          logger.error('a timer could not be published', { error, message_id: record.messageId });
          return [{ itemIdentifier: record.messageId }];
        }
      }),
    );
    return { batchItemFailures: failed.flat() };
  };
};

import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { sagaTimerDue } from '../../lib/definitions/index.ts';
import type { Outbox } from '../../lib/outbox/index.ts';
import { type RunningTimer, readTimerMessage } from '../../lib/saga/index.ts';
import { loggable } from '../../lib/shared/thrown.ts';

export interface SagaTimerDeps {
  readonly outbox: Outbox;
  /** Reads what operations have tuned, and sets the log level. MUST NOT reject. @default - nothing is tuned */
  readonly tuning?: () => Promise<unknown>;
  readonly logger: Pick<Logger, 'addContext' | 'info' | 'error'>;
}

/**
 * Publishes each timer that is due into its saga's group, so that it comes in order like every other event. A timer
 * that comes twice is published twice: the saga knows what it waits for.
 */
export const createSagaTimerHandler = ({ outbox, tuning, logger }: SagaTimerDeps) => {
  const publish = async ({ saga, tenantId, correlationId, ...data }: RunningTimer): Promise<void> => {
    await outbox.transact((tx) => tx.publish(sagaTimerDue(saga), data), {
      correlationId,
      ...(tenantId === undefined ? {} : { tenantId }),
    });
  };

  /** @returns whether the timer is done with */
  const settle = async ({ body, messageId }: SQSRecord): Promise<boolean> => {
    let keys = {};
    try {
      const timer = readTimerMessage(body);
      keys = logKeysOf(timer);
      await publish(timer);
      logger.info('timer due', { ...keys, kind: timer.kind, attempt: timer.attempt });
      return true;
    } catch (error) {
      logger.error('a timer could not be published', { ...keys, error: loggable(error), message_id: messageId });
      return false;
    }
  };

  return async ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    logger.addContext(context);
    await tuning?.();
    const isDone = await Promise.all(Records.map(settle));
    const failed = Records.filter((_, index) => !isDone[index]);
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
};

const logKeysOf = ({ saga, sagaId, step, tenantId, correlationId }: RunningTimer) => ({
  correlation_id: correlationId,
  tenant_id: tenantId,
  saga,
  saga_id: sagaId,
  saga_step: step,
});

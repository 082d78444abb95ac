import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { sagaTimerDue } from '../../lib/definitions/index.ts';
import type { Outbox } from '../../lib/outbox/index.ts';
import { type RunningTimer, readTimerMessage, timerContextOf } from '../../lib/saga/index.ts';
import { loggable } from '../../lib/shared/thrown.ts';

export interface SagaTimerDeps {
  readonly outbox: Outbox;
  /** Reads the tuned settings and sets the log level. MUST NOT reject. @default - nothing is tuned */
  readonly tuning?: () => Promise<unknown>;
  readonly logger: Pick<Logger, 'addContext' | 'info' | 'error'>;
}

/**
 * Publishes each due timer to its saga's group, so that the saga receives it in order like other events. A timer that
 * is received twice is published twice, and the saga ignores the second event.
 */
export const createSagaTimerHandler = ({ outbox, tuning, logger }: SagaTimerDeps) => {
  const publish = async (timer: RunningTimer): Promise<void> => {
    const { saga, tenantId: _tenant, correlationId: _correlation, principal: _principal, ...data } = timer;
    await outbox.transact((tx) => tx.publish(sagaTimerDue(saga), data), timerContextOf(timer));
  };

  /** @returns false if the timer must be retried */
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

import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { isWaybillError, METRIC } from '../contracts/index.ts';
import type { Clock } from '../shared/time.ts';
import { groupMessages } from './group-messages.ts';
import { type HandleEventDeps, handleEvent, type Invocation } from './handle-event.ts';
import type { SubscriptionHandlers } from './handlers-for.ts';

export interface ConsumerOptions extends HandleEventDeps {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** A signal that fires in `delayMs`. @default AbortSignal.timeout */
  readonly timeoutSignal?: (delayMs: number) => AbortSignal;
}

/** What is left of an invocation when handlers are told to stop: time to give back what is not done. */
const DEADLINE_RESERVE_MS = 500;

/**
 * The Lambda handler of a consumer's queue. The groups of a batch run concurrently, the events of a group one after
 * another; after a failure the rest of that group, and of no other, goes back to the queue.
 */
export function createConsumer(
  served: SubscriptionHandlers,
  options: ConsumerOptions,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const { logger, metrics, clock, timeoutSignal = AbortSignal.timeout } = options;

  /** @returns whether the message is done with */
  const handleMessage = async (record: SQSRecord, invocation: Invocation): Promise<boolean> => {
    const log = logger.createChild();
    log.appendKeys({
      message_id: record.messageId,
      receive_count: Number(record.attributes.ApproximateReceiveCount),
    });
    try {
      const { event, result } = await handleEvent(record.body, served, options, invocation, log);
      if (result === 'duplicate') {
        metrics.addMetric(METRIC.duplicatesSkipped, MetricUnit.Count, 1);
        log.info('duplicate skipped: the event was handled before');
        return true;
      }
      const commitToHandledMs = Math.max(clock.now() - Date.parse(event.time), 0);
      metrics.addMetric(METRIC.eventsHandled, MetricUnit.Count, 1);
      metrics.addMetric(METRIC.commitToHandled, MetricUnit.Milliseconds, commitToHandledMs);
      log.info('event handled', { commit_to_handled_ms: commitToHandledMs });
      return true;
    } catch (error) {
      metrics.addMetric(METRIC.eventsFailed, MetricUnit.Count, 1);
      log.error('event failed: it goes back to the queue', {
        error: toError(error),
        error_code: isWaybillError(error) ? error.code : undefined,
      });
      return false;
    }
  };

  /** @returns the messages from the first that is not done with */
  const handleGroup = async (records: readonly SQSRecord[], invocation: Invocation): Promise<readonly SQSRecord[]> => {
    for (const [index, record] of records.entries()) {
      if (invocation.signal.aborted || !(await handleMessage(record, invocation))) return records.slice(index);
    }
    return [];
  };

  return async ({ Records }, context) => {
    logger.addContext(context);
    const signal = timeoutSignal(Math.max(context.getRemainingTimeInMillis() - DEADLINE_RESERVE_MS, 0));
    try {
      const groups = groupMessages(Records);
      const returned = await Promise.all(groups.map((records) => handleGroup(records, { context, signal })));
      return { batchItemFailures: returned.flat().map(({ messageId }) => ({ itemIdentifier: messageId })) };
    } finally {
      metrics.publishStoredMetrics();
    }
  };
}

const toError = (thrown: unknown) => (thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown }));

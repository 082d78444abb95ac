import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { METRIC, type Subscription } from '../definitions/index.ts';
import { loggable } from '../shared/thrown.ts';
import { arrivalGroup } from './arrival-order.ts';
import {
  type BatchContext,
  type ConsumerOptions,
  createBatchContext,
  type MessageGroup,
  processGroups,
  type StrictOrdering,
} from './batch.ts';
import { ConsumerWiringError } from './errors.ts';
import { groupInOrder } from './group-processor.ts';
import { assertHandlers, type SubscriptionHandlers } from './handlers.ts';
import { isGrouped, type ReceivedMessage, receive } from './message.ts';
import { assertSameSubscription } from './subscription-differences.ts';

/**
 * Creates the Lambda handler of a consumer's queue. The groups of a batch run concurrently, the events of a group one
 * after another. Unfinished messages return to the queue with their visibility timeout. If the groups' cursors cannot
 * be read, the handler rejects and the whole batch is received again.
 * @throws ConsumerHandlersError `CONSUMER_HANDLERS_INVALID` if the handlers do not match the subscription
 * @throws ConsumerWiringError `CONSUMER_WIRING` if the runtime belongs to another subscription, which the compiler also
 * rejects if it sees both; or if a strict subscription has no `strict` option
 */
export function createConsumer<S extends Subscription>(
  served: SubscriptionHandlers<S>,
  options: ConsumerOptions<S>,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const { logger, metrics, tenancy } = options;
  const { subscription } = served;
  assertHandlers(subscription, served.handlers);
  if (options.subscription !== undefined) assertSameSubscription(subscription, options.subscription);
  const strict = subscription.ordering === 'strict' ? options.strict : undefined;
  if (subscription.ordering === 'strict' && strict === undefined) {
    throw new ConsumerWiringError(
      `consumer '${subscription.name}' has ordering 'strict' and was created without 'strict': pass cursors and log, as createConsumerRuntime does, or choose ordering 'fifo'`,
    );
  }
  let isMismatchReported = false;

  const reportMismatch = (messages: readonly ReceivedMessage[]) => {
    for (const { event, messageGroup } of messages) {
      if (isMismatchReported || event === undefined || messageGroup === event.partitionkey) continue;
      isMismatchReported = true;
      metrics.addMetric(METRIC.groupMismatches, MetricUnit.Count, 1);
      logger.error("the message group differs from the event's group: check the rule target's MessageGroupId", {
        message_group: messageGroup,
        group: event.partitionkey,
        event_id: event.id,
        tenant_id: event.tenantid,
      });
    }
  };

  return async ({ Records }, context) => {
    logger.addContext(context);
    const [tuning] = await Promise.all([options.tuning?.(), recordSettings(options)]);
    const batch = createBatchContext(served, options, context, tuning);
    const messages = Records.map((record) => receive(record, tenancy?.mode));
    reportMismatch(messages);
    try {
      const groups =
        strict === undefined ? groupsOfQueue(messages, batch) : await groupsOfEvents(messages, strict, batch);
      const returned = await processGroups(groups, batch);
      return { batchItemFailures: returned.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    } catch (error) {
      // the invocation fails, so that the mapping polls less; released messages do not become dead letters
      await batch.redelivery.release(messages).catch((trouble) => batch.telemetry.groupFailed(trouble, messages));
      throw error;
    } finally {
      metrics.publishStoredMetrics();
    }
  };
}

/** A failure is only logged. Groups that need the history read it again. */
async function recordSettings({ recordSettings: record, logger }: ConsumerOptions): Promise<void> {
  try {
    await record?.();
  } catch (error) {
    logger.warn("recording the consumer's settings failed: the next invocation tries again", {
      error: loggable(error),
    });
  }
}

/** Groups by the message group. A message without one is processed alone. */
function groupsOfQueue(messages: readonly ReceivedMessage[], batch: BatchContext): readonly MessageGroup[] {
  const groups = Map.groupBy(messages, ({ messageGroup, messageId }) =>
    messageGroup === undefined ? `message ${messageId}` : `group ${messageGroup}`,
  );
  return [...groups.values()].map((group) => arrivalGroup(group, 'none', batch));
}

/**
 * Groups by the event's group, regardless of the message group. A message without an event, or without a group of this
 * consumer, is processed alone.
 */
async function groupsOfEvents(
  messages: readonly ReceivedMessage[],
  strict: StrictOrdering,
  batch: BatchContext,
): Promise<readonly MessageGroup[]> {
  const alone = messages
    .filter((message) => !isGrouped(message))
    .map((message) => arrivalGroup([message], message.receiveCount > 1 ? 'unexplained' : 'none', batch));
  const groups = Map.groupBy(messages.filter(isGrouped), ({ event }) => event.partitionkey);
  const cursors = await strict.cursors.read([...groups.keys()]);
  return [...alone, ...[...groups].map(([group, own]) => groupInOrder(group, own, cursors.get(group), strict, batch))];
}

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
 * The Lambda handler of a consumer's queue. The groups of a batch run concurrently, the events of a group one after
 * another. What is not done with goes back to the queue, hidden for as long as it is to wait. The handler rejects, and
 * the whole batch comes again, where the groups' cursors cannot be read.
 * @throws ConsumerHandlersError `CONSUMER_HANDLERS_INVALID` when the handlers are not those of the subscription
 * @throws ConsumerWiringError `CONSUMER_WIRING` when the runtime is of another subscription, which the compiler refuses,
 * too, where it sees both; or when a strict subscription comes without what it needs
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
  let mismatchTold = false;

  const tellMismatch = (messages: readonly ReceivedMessage[]) => {
    for (const { event, messageGroup } of messages) {
      if (mismatchTold || event === undefined || messageGroup === event.partitionkey) continue;
      mismatchTold = true;
      metrics.addMetric(METRIC.groupMismatches, MetricUnit.Count, 1);
      logger.error("the queue's group is not the event's: check the rule target's MessageGroupId", {
        message_group: messageGroup,
        group: event.partitionkey,
        event_id: event.id,
        tenant_id: event.tenantid,
      });
    }
  };

  return async ({ Records }, context) => {
    logger.addContext(context);
    const batch = createBatchContext(served, options, context);
    await noteSettings(options);
    const messages = Records.map((record) => receive(record, tenancy?.mode));
    tellMismatch(messages);
    try {
      const groups =
        strict === undefined ? groupsOfQueue(messages, batch) : await groupsOfEvents(messages, strict, batch);
      const returned = await processGroups(groups, batch);
      return { batchItemFailures: returned.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    } catch (error) {
      // the invocation fails, which makes the mapping poll less; but nothing becomes a dead letter for it
      await batch.redelivery.release(messages).catch((trouble) => batch.telemetry.settlingFailed(trouble, messages));
      throw error;
    } finally {
      metrics.publishStoredMetrics();
    }
  };
}

/** A group that needs to know of them asks again; all others go on. */
async function noteSettings({ noteSettings: note, logger }: ConsumerOptions): Promise<void> {
  try {
    await note?.();
  } catch (error) {
    logger.warn("the consumer's settings could not be noted: the next invocation tries again", {
      error: loggable(error),
    });
  }
}

/** By the group on the queue; a message without one stands alone. */
function groupsOfQueue(messages: readonly ReceivedMessage[], batch: BatchContext): readonly MessageGroup[] {
  const groups = Map.groupBy(messages, ({ messageGroup, messageId }) =>
    messageGroup === undefined ? `message ${messageId}` : `group ${messageGroup}`,
  );
  return [...groups.values()].map((group) => arrivalGroup(group, 'none', batch));
}

/** By the group of the event, whatever the queue says; what has none, or is none of ours, stands alone. */
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

import { MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { METRIC, standsAlone } from '../contracts/index.ts';
import type { LaneMessage } from '../ordering/index.ts';
import { loggable } from '../shared/thrown.ts';
import { assertHandlers } from './assert-handlers.ts';
import { ConsumerWiringError } from './errors.ts';
import { giveBackUntried } from './give-back-untried.ts';
import type { SubscriptionHandlers } from './handlers-for.ts';
import { type ReceivedMessage, receive } from './received-message.ts';
import { settleAsTheyCome } from './settle-as-they-come.ts';
import { laneInOrder } from './settle-in-order.ts';
import { type Lane, settleLanes, settleOrGiveBack } from './settle-lanes.ts';
import { type ConsumerOptions, createWorkbench, type StrictOrdering, type Workbench } from './workbench.ts';

/**
 * The Lambda handler of a consumer's queue. The groups of a batch run concurrently, the events of a group one after
 * another. What is not done with goes back to the queue, hidden for as long as it is to wait. The handler rejects, and
 * the whole batch comes again, where the groups' cursors cannot be read.
 * @throws ConsumerHandlersError `CONSUMER_HANDLERS_INVALID` when the handlers are not those of the subscription
 * @throws ConsumerWiringError `CONSUMER_WIRING` when a strict subscription comes without what it needs
 */
export function createConsumer(
  served: SubscriptionHandlers,
  options: ConsumerOptions,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const { logger, metrics, tenancy } = options;
  const { subscription } = served;
  assertHandlers(subscription, served.handlers);
  const strict = subscription.ordering === 'strict' ? options.strict : undefined;
  if (subscription.ordering === 'strict' && strict === undefined) throw new ConsumerWiringError(subscription.name);
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
    const bench = createWorkbench(served, options, context);
    await noteSettings(options);
    const messages = Records.map((record) => receive(record, tenancy?.mode));
    tellMismatch(messages);
    try {
      const returned =
        strict === undefined ? await settleByQueue(messages, bench) : await settleStrictly(messages, strict, bench);
      return { batchItemFailures: returned.flat().map(({ messageId }) => ({ itemIdentifier: messageId })) };
    } catch (error) {
      // the invocation fails, which makes the mapping poll less; but nothing becomes a dead letter for it
      await giveBackUntried(messages, bench).catch((trouble) => bench.tellTrouble(trouble, messages));
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

type Returned = readonly (readonly ReceivedMessage[])[];

/** By the group on the queue; a message without one stands alone. */
const settleByQueue = (messages: readonly ReceivedMessage[], bench: Workbench): Promise<Returned> => {
  const groups = Map.groupBy(messages, ({ messageGroup, messageId }) =>
    messageGroup === undefined ? `message ${messageId}` : `group ${messageGroup}`,
  );
  return Promise.all(
    [...groups.values()].map((group) =>
      settleOrGiveBack({ messages: group, settle: () => settleAsTheyCome(group, bench) }, bench),
    ),
  );
};

/** By the group of the event, whatever the queue says; what has none, or is none of ours, stands alone. */
async function settleStrictly(
  messages: readonly ReceivedMessage[],
  strict: StrictOrdering,
  bench: Workbench,
): Promise<Returned> {
  const grouped = messages.filter(isGrouped);
  const alone = messages.filter((message) => !isGrouped(message));
  const groups = Map.groupBy(grouped, ({ event }) => event.partitionkey);
  const cursors = await strict.cursors.read([...groups.keys()]);
  const lanes = [...groups].map(([group, lane]) => laneInOrder(group, lane, cursors.get(group), strict, bench));
  const single = alone.map(
    (message): Lane => ({
      messages: [message],
      suspicion: message.receiveCount > 1 ? 'untold' : 'none',
      settle: () => settleAsTheyCome([message], bench),
    }),
  );
  return settleLanes([...single, ...lanes], bench);
}

const isGrouped = (message: ReceivedMessage): message is ReceivedMessage & LaneMessage =>
  message.event !== undefined && !standsAlone(message.event.partitionkey, message.event.id);

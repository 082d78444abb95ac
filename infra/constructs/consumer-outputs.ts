import type { EventConsumer } from './event-consumer.ts';
import { addOutputs } from './outputs.ts';

/** What operators look up of a consumer, as outputs of its stack. */
export function addConsumerOutputs(consumer: EventConsumer, name: string): void {
  const { queue, deadLetterQueue, undeliverableQueue, rule } = consumer;
  addOutputs(consumer, name, {
    QueueUrl: { value: queue.queueUrl, description: `The FIFO queue of '${name}'` },
    QueueArn: { value: queue.queueArn, description: `Where dead letters of an older queue of '${name}' are moved to` },
    DeadLetterQueueUrl: { value: deadLetterQueue.queueUrl, description: `Dead letters of '${name}'` },
    DeadLetterQueueArn: { value: deadLetterQueue.queueArn, description: `What a redrive of '${name}' starts from` },
    UndeliverableQueueUrl: {
      value: undeliverableQueue.queueUrl,
      description: `What the bus could not deliver to '${name}'`,
    },
    RuleArn: { value: rule.ruleArn, description: `What a replay names to reach '${name}' alone` },
  });
}

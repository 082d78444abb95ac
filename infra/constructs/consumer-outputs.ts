import type { EventConsumer } from './event-consumer.ts';
import { addOutputs } from './outputs.ts';

/** Adds outputs for operators to the consumer's stack. */
export function addConsumerOutputs(consumer: EventConsumer, name: string): void {
  const { queue, deadLetterQueue, undeliverableQueue, rule } = consumer;
  addOutputs(consumer, name, {
    QueueUrl: { value: queue.queueUrl, description: `The FIFO queue of '${name}'` },
    QueueArn: {
      value: queue.queueArn,
      description: `Queue of '${name}', the target for dead letters of an older queue`,
    },
    DeadLetterQueueUrl: { value: deadLetterQueue.queueUrl, description: `Dead letters of '${name}'` },
    DeadLetterQueueArn: {
      value: deadLetterQueue.queueArn,
      description: `Dead-letter queue of '${name}', the source of a redrive`,
    },
    UndeliverableQueueUrl: {
      value: undeliverableQueue.queueUrl,
      description: `Events that the bus could not deliver to '${name}'`,
    },
    RuleArn: { value: rule.ruleArn, description: `Rule of '${name}', to replay events to it only` },
  });
}

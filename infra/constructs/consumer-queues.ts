import { Duration, Names, Stack, Validations } from 'aws-cdk-lib';
import {
  DeduplicationScope,
  FifoThroughputLimit,
  Queue,
  QueueEncryption,
  type QueueProps,
  RedrivePermission,
} from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { DEAD_LETTER_RETENTION_DAYS } from '../settings.ts';

export interface ConsumerQueuesProps {
  readonly maxReceiveCount: number;
  readonly retentionPeriod: Duration;
  readonly visibilityTimeout: Duration;
}

export interface ConsumerQueues {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  readonly undeliverableQueue: Queue;
}

const GUARDED: QueueProps = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };

/** High throughput takes both: deduplication and the limit per group. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/high-throughput-fifo.html */
const FIFO: QueueProps = {
  fifo: true,
  // a rule cannot set a deduplication id, so the queue must make one; an event's id makes its content unique
  contentBasedDeduplication: true,
  deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
  fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
};

export function createConsumerQueues(scope: Construct, props: ConsumerQueuesProps): ConsumerQueues {
  const retentionPeriod = Duration.days(DEAD_LETTER_RETENTION_DAYS);
  // the queue names its dead-letter queue and the other way round: only a name given beforehand breaks the circle
  const queueName = `${Names.uniqueResourceName(scope, { maxLength: 75 })}.fifo`;
  const queueByName = Queue.fromQueueArn(
    scope,
    'QueueByName',
    Stack.of(scope).formatArn({ service: 'sqs', resource: queueName }),
  );
  const deadLetterQueue = new Queue(scope, 'DeadLetterQueue', {
    ...GUARDED,
    ...FIFO,
    retentionPeriod,
    redriveAllowPolicy: { redrivePermission: RedrivePermission.BY_QUEUE, sourceQueues: [queueByName] },
  });
  const queue = new Queue(scope, 'Queue', {
    ...GUARDED,
    ...FIFO,
    queueName,
    retentionPeriod: props.retentionPeriod,
    visibilityTimeout: props.visibilityTimeout,
    deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: props.maxReceiveCount },
  });
  // a rule's dead-letter queue must be a standard one: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
  const undeliverableQueue = new Queue(scope, 'UndeliverableQueue', { ...GUARDED, retentionPeriod });
  Validations.of(undeliverableQueue).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason: "It is a dead-letter queue itself: the rule target's.",
  });
  return { queue, deadLetterQueue, undeliverableQueue };
}

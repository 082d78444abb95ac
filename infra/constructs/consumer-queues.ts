import { type CfnElement, Duration, Lazy, Names, type RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import {
  CfnQueue,
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
  /** Name of the FIFO queue without `.fifo`; the DLQ appends `-dlq`. @default - generated from the construct's path */
  readonly queueName: string | undefined;
  readonly maxReceiveCount: number;
  readonly retentionPeriod: Duration;
  readonly visibilityTimeout: Duration;
  readonly removalPolicy: RemovalPolicy;
}

export interface ConsumerQueues {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  readonly undeliverableQueue: Queue;
}

/** Characters of a queue's name, `.fifo` included. @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html */
const QUEUE_NAME_MAX_LENGTH = 80;

const FIFO_ENDING = '.fifo';
const DEAD_LETTER_ENDING = `-dlq${FIFO_ENDING}`;

/** The length of the suffix, with its hyphen, that CloudFormation appends to a generated name. */
const GENERATED_SUFFIX_LENGTH = 12;

/** The longest that leaves room for the endings of both queues. */
export const GIVEN_QUEUE_NAME_MAX_LENGTH = QUEUE_NAME_MAX_LENGTH - DEAD_LETTER_ENDING.length;

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
  const { removalPolicy } = props;
  const retentionPeriod = Duration.days(DEAD_LETTER_RETENTION_DAYS);
  // the queue names its dead-letter queue and the other way round: only a name given beforehand breaks the circle
  const queueName = `${props.queueName ?? uniqueName(scope, FIFO_ENDING)}${FIFO_ENDING}`;
  const queueByName = Queue.fromQueueArn(
    scope,
    'QueueByName',
    Stack.of(scope).formatArn({ service: 'sqs', resource: queueName }),
  );
  const deadLetterQueue = new Queue(scope, 'DeadLetterQueue', {
    ...GUARDED,
    ...FIFO,
    ...(props.queueName === undefined ? {} : { queueName: `${props.queueName}${DEAD_LETTER_ENDING}` }),
    removalPolicy,
    retentionPeriod,
    redriveAllowPolicy: { redrivePermission: RedrivePermission.BY_QUEUE, sourceQueues: [queueByName] },
  });
  if (props.queueName === undefined) nameIfTooLong(deadLetterQueue, scope);
  const queue = new Queue(scope, 'Queue', {
    ...GUARDED,
    ...FIFO,
    queueName,
    removalPolicy,
    retentionPeriod: props.retentionPeriod,
    visibilityTimeout: props.visibilityTimeout,
    deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: props.maxReceiveCount },
  });
  // a rule's dead-letter queue must be a standard one: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
  const undeliverableQueue = new Queue(scope, 'UndeliverableQueue', { ...GUARDED, removalPolicy, retentionPeriod });
  Validations.of(undeliverableQueue).acknowledge({
    id: 'AwsSolutions-SQS3',
    reason: "It is a dead-letter queue itself: the rule target's.",
  });
  return { queue, deadLetterQueue, undeliverableQueue };
}

const uniqueName = (scope: Construct, ending: string): string =>
  Names.uniqueResourceName(scope, { maxLength: QUEUE_NAME_MAX_LENGTH - ending.length });

/**
 * Gives a FIFO dead-letter queue a name where the one that CloudFormation would make up, `<stack>-<logical id>-<suffix>`,
 * has no room for `.fifo`: CloudFormation is known not to shorten it. A queue that can exist keeps its name, so that no
 * dead letter is left behind in a replaced one.
 * @see https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/280
 */
function nameIfTooLong(deadLetterQueue: Queue, scope: Construct): void {
  const resource = deadLetterQueue.node.defaultChild;
  if (!(resource instanceof CfnQueue)) return;
  const stack = Stack.of(scope);
  resource.queueName = Lazy.string({
    // lazily, because a logical id may be overridden until synth
    produce: () => {
      const generatedLength = generatedNameLength(stack, resource) + FIFO_ENDING.length;
      return generatedLength <= QUEUE_NAME_MAX_LENGTH
        ? undefined
        : `${uniqueName(scope, DEAD_LETTER_ENDING)}${DEAD_LETTER_ENDING}`;
    },
  });
}

const generatedNameLength = (stack: Stack, resource: CfnElement): number =>
  deployedNameLength(stack) + `-${stack.resolve(resource.logicalId)}-`.length + GENERATED_SUFFIX_LENGTH;

/** CloudFormation also generates the name of a nested stack. It is longer than any placeholder at synth. */
function deployedNameLength(stack: Stack): number {
  const { nestedStackParent: parent, nestedStackResource: resource } = stack;
  return parent === undefined || resource === undefined
    ? stack.stackName.length
    : generatedNameLength(parent, resource);
}

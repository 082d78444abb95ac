import { Annotations, Duration, Token, Tokenization } from 'aws-cdk-lib';
import type { Rule } from 'aws-cdk-lib/aws-events';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  claimOf,
  ENV,
  type EventDefinition,
  type Subscription,
  subscriptionVariables,
} from '../../lib/definitions/index.ts';
import { DEAD_LETTER_RETENTION_DAYS } from '../settings.ts';
import { assertGiven, assertProps, durationOutOfRange, outOfRange } from './assert-props.ts';
import { addConsumerAlarms } from './consumer-alarms.ts';
import { addConsumerOutputs } from './consumer-outputs.ts';
import { createConsumerQueues } from './consumer-queues.ts';
import { createConsumerRule } from './consumer-rule.ts';
import type { IEventHub } from './event-hub-base.ts';
import { EVENT_PATTERN_MAX_LENGTH, eventPatternLength } from './event-pattern.ts';
import { placeProblem } from './place-checks.ts';
import { queueProblems, TIMEOUTS_PER_VISIBILITY } from './queue-checks.ts';
import { mapQueue } from './queue-mapping.ts';
import { queueNameProblem, queueNameProblems } from './queue-names.ts';
import { removalPolicyOf } from './removal-policy.ts';
import { type FunctionSizing, functionProblems, timeoutOf, WaybillFunction } from './waybill-function.ts';

/** The maximum of a FIFO queue's mapping. */
const DEFAULT_BATCH_SIZE = 10;

/** The code changes the visibility of messages, resends and deletes them. */
const QUEUE_ACTIONS = ['sqs:ChangeMessageVisibility', 'sqs:SendMessage'] as const;

/**
 * AWS's recommendation, so that throttling alone does not cause dead letters.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
 */
const ADVISED_MAX_RECEIVE_COUNT = 5;

export interface EventConsumerProps extends FunctionSizing {
  readonly hub: IEventHub;
  /** What it takes; its code reads the same one. */
  readonly subscription: Subscription;
  /** The composition root, from the folder of cdk.json: `functions/billing/index.ts`. It exports `handler`. */
  readonly entry: string;
  /**
   * The events that its handlers publish; with none, its function has no rights to write the outbox.
   * @default - none
   */
  readonly publishes?: readonly EventDefinition[];
  /**
   * External systems that its handlers call through a policy, by the policies' names: each gets an alarm on its breaker.
   * The consumer claims each event before its handler runs, unless the subscription's `claim` is 'commit'.
   * @default - none
   */
  readonly externalSystems?: readonly string[];
  /**
   * Executions at a time, 2 to 1000; a group never has more than one.
   * @default - the environment's `maxConcurrency`
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
   */
  readonly maxConcurrency?: number;
  /**
   * Receives before a message becomes a dead letter, 1 to 1000; 5 or more are advised.
   * @default - the environment's `maxReceiveCount`
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
   */
  readonly maxReceiveCount?: number;
  /**
   * Messages per call, 1 to 10.
   * @default 10
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
   */
  readonly batchSize?: number;
  /**
   * How long an unhandled message waits in the queue: at least 60 seconds, less than its 14 days as a dead letter. The
   * outbox and the inbox must outlast both together.
   * @default - the environment's `queueRetentionDays`
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
   */
  readonly retentionPeriod?: Duration;
  /**
   * Name of its FIFO queue without `.fifo`, 1 to 71 letters, digits, '-' and '_'; its dead-letter queue gets `-dlq` behind
   * it. For a consumer that comes back where queues are retained: its old queue has the name that is made by default.
   * Another name makes other queues; what lies in the ones before stays there.
   * @default - made from the construct's path; CloudFormation names the dead-letter queue if its name fits
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
   */
  readonly queueName?: string;
}

/**
 * One subscription's queue, dead-letter queues, rule and function.
 *
 * Derived, not asked: the queue's visibility timeout is six timeouts of the function; dead letters keep for 14 days.
 *
 * @example
 * new EventConsumer(this, 'Billing', {
 *   hub,
 *   subscription: billing,
 *   entry: 'functions/billing/index.ts',
 *   publishes: [InvoiceSent],
 * });
 *
 * @throws WiringError `WIRING_INVALID` with every problem of the props
 */
export class EventConsumer extends Construct {
  readonly function: WaybillFunction;
  readonly queue: Queue;
  /** FIFO: messages received `maxReceiveCount` times; redrive them from the SQS console. */
  readonly deadLetterQueue: Queue;
  /**
   * A standard queue, because rules support no other type: whole events that the bus could not deliver to the queue.
   */
  readonly undeliverableQueue: Queue;
  readonly rule: Rule;

  constructor(scope: Construct, id: string, props: EventConsumerProps) {
    super(scope, id);
    assertGiven(this, props, 'hub', 'subscription', 'entry');
    const { hub, subscription } = props;
    const maxReceiveCount = props.maxReceiveCount ?? hub.settings.maxReceiveCount;
    assertProps(this, [
      ...functionProblems(props),
      outOfRange('maxConcurrency', props.maxConcurrency, { min: 2, max: 1000, unit: 'executions' }),
      outOfRange('maxReceiveCount', props.maxReceiveCount, { min: 1, max: 1000, unit: 'receives' }),
      outOfRange('batchSize', props.batchSize, { min: 1, max: 10, unit: 'messages' }),
      retentionProblem(hub, props.retentionPeriod),
      queueNameProblem(props.queueName),
      patternProblem(subscription),
      placeProblem('its stack', this, hub, 'a rule sits with its bus'),
      hub.registerConsumer(subscription, this),
    ]);
    if (!Token.isUnresolved(maxReceiveCount) && maxReceiveCount < ADVISED_MAX_RECEIVE_COUNT) {
      Annotations.of(this).addWarningV2(
        'waybill:max-receive-count-low',
        `maxReceiveCount ${maxReceiveCount} makes dead letters of messages that only met throttling or a deployment; ${ADVISED_MAX_RECEIVE_COUNT} or more are advised`,
      );
    }

    const visibilityTimeout = Duration.seconds(TIMEOUTS_PER_VISIBILITY * timeoutOf(props).toSeconds());
    const retentionPeriod = props.retentionPeriod ?? Duration.days(hub.settings.queueRetentionDays);
    const queues = createConsumerQueues(this, {
      queueName: props.queueName,
      maxReceiveCount,
      retentionPeriod,
      visibilityTimeout,
      removalPolicy: removalPolicyOf(hub.settings),
    });
    this.queue = queues.queue;
    this.deadLetterQueue = queues.deadLetterQueue;
    this.undeliverableQueue = queues.undeliverableQueue;
    this.function = this.createFunction(props, { maxReceiveCount, visibilityTimeout, retentionPeriod });
    this.rule = createConsumerRule(this, { bus: hub.bus, subscription, queues, handler: this.function });
    this.node.addValidation({
      validate: () => [...queueProblems(this, hub.settings), ...queueNameProblems([this.queue, this.deadLetterQueue])],
    });
    addConsumerAlarms(this, {
      settings: hub.settings,
      name: subscription.name,
      ordering: subscription.ordering,
      visibilityTimeout,
      externalSystems: props.externalSystems ?? [],
    });
    addConsumerOutputs(this, subscription.name);
  }

  private createFunction(props: EventConsumerProps, queueSettings: QueueSettings): WaybillFunction {
    const { hub, subscription } = props;
    const handler = new WaybillFunction(this, 'Function', {
      ...sizingOf(props),
      entry: props.entry,
      serviceName: subscription.name,
      alarms: ['CrossTenantWork'],
      settings: hub.settings,
      follows: hub.environmentName,
      description: `Waybill: handles events for '${subscription.name}'`,
      // it resends events to its own queue; docs/adr/0023 explains the limits
      sendsToItself: true,
    });
    hub.grantInbox(handler, subscription, claimOf(subscription, props.externalSystems));
    if (subscription.ordering === 'strict') hub.grantOrder(handler, subscription);
    this.nameQueue(handler, queueSettings);
    handler.addEnvironment(ENV.environmentName, hub.environmentName);
    for (const [name, value] of Object.entries(subscriptionVariables(subscription)))
      handler.addEnvironment(name, value);
    const publishes = props.publishes ?? [];
    if (publishes.length > 0) hub.grantPublish(handler, publishes);
    else hub.nameOutbox(handler);
    mapQueue(handler, {
      queue: this.queue,
      batchSize: props.batchSize ?? DEFAULT_BATCH_SIZE,
      maxConcurrency: props.maxConcurrency ?? hub.settings.maxConcurrency,
      codeActions: QUEUE_ACTIONS,
    });
    return handler;
  }

  private nameQueue(handler: WaybillFunction, queueSettings: QueueSettings): void {
    const { maxReceiveCount, visibilityTimeout, retentionPeriod } = queueSettings;
    handler.addEnvironment(ENV.queueUrl, this.queue.queueUrl);
    handler.addEnvironment(ENV.deadLetterQueueUrl, this.deadLetterQueue.queueUrl);
    handler.addEnvironment(ENV.undeliverableQueueUrl, this.undeliverableQueue.queueUrl);
    handler.addEnvironment(ENV.maxReceiveCount, Tokenization.stringifyNumber(maxReceiveCount));
    handler.addEnvironment(ENV.visibilityTimeoutSeconds, String(visibilityTimeout.toSeconds()));
    handler.addEnvironment(ENV.queueRetentionSeconds, Tokenization.stringifyNumber(retentionPeriod.toSeconds()));
  }
}

/** Queue settings that the function needs. */
interface QueueSettings {
  readonly maxReceiveCount: number;
  readonly visibilityTimeout: Duration;
  readonly retentionPeriod: Duration;
}

const sizingOf = ({
  timeout,
  memorySize,
  environment,
  alsoBundle,
  eventStreams,
  worksAcrossTenants,
  reservedConcurrentExecutions,
}: FunctionSizing): FunctionSizing => ({
  ...(timeout === undefined ? {} : { timeout }),
  ...(memorySize === undefined ? {} : { memorySize }),
  ...(environment === undefined ? {} : { environment }),
  ...(alsoBundle === undefined ? {} : { alsoBundle }),
  ...(eventStreams === undefined ? {} : { eventStreams }),
  ...(worksAcrossTenants === undefined ? {} : { worksAcrossTenants }),
  ...(reservedConcurrentExecutions === undefined ? {} : { reservedConcurrentExecutions }),
});

function retentionProblem({ settings }: IEventHub, retentionPeriod: Duration | undefined): string | undefined {
  const { outboxRetentionDays, inboxExpiryDays } = settings;
  const memory = Duration.days(Math.min(outboxRetentionDays, inboxExpiryDays) - DEAD_LETTER_RETENTION_DAYS);
  const belowDeadLetters = Duration.days(DEAD_LETTER_RETENTION_DAYS - 1);
  return durationOutOfRange('retentionPeriod', retentionPeriod, {
    min: 60,
    max: Math.min(memory.toSeconds(), belowDeadLetters.toSeconds()),
    fix: `with ${DEAD_LETTER_RETENTION_DAYS} days as a dead letter it must stay within outboxRetentionDays ${outboxRetentionDays} and inboxExpiryDays ${inboxExpiryDays}; shorten it or raise those settings`,
  });
}

function patternProblem(subscription: Subscription): string | undefined {
  const length = eventPatternLength(subscription);
  return length <= EVENT_PATTERN_MAX_LENGTH
    ? undefined
    : `subscription.events make an event pattern of ${length} characters, allowed are ${EVENT_PATTERN_MAX_LENGTH}: shorten the event types or split the subscription`;
}

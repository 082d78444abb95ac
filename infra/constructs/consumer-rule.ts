import { Stack } from 'aws-cdk-lib';
import { EventField, type IEventBus, type IRuleTarget, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { EVENT_PATH, PARTITION_KEY_PATH, type Subscription } from '../../lib/definitions/index.ts';
import type { ConsumerQueues } from './consumer-queues.ts';
import { eventPatternOf } from './event-pattern.ts';
import type { WaybillFunction } from './waybill-function.ts';

export interface ConsumerRuleProps {
  readonly bus: IEventBus;
  readonly subscription: Subscription;
  readonly queues: Pick<ConsumerQueues, 'queue' | 'undeliverableQueue'>;
  /** The function with its queue mapping. */
  readonly handler: WaybillFunction;
}

/**
 * Lets the bus's events into the consumer's queue, last of all: a rule is created and updated after whatever its events
 * meet. Both queues' policies stand by then, since EventBridge does not retry a delivery that is not allowed; and the
 * function has the code that knows every type of the pattern.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
export function createConsumerRule(scope: Construct, props: ConsumerRuleProps): Rule {
  const { bus, subscription, queues, handler } = props;
  const { queue, undeliverableQueue } = queues;
  for (const each of [queue, undeliverableQueue]) allowRulesOf(bus, each);
  const rule = new Rule(scope, 'Rule', {
    eventBus: bus,
    description: `Waybill: what '${subscription.name}' takes; name this rule in a replay to reach it alone`,
    eventPattern: eventPatternOf(subscription),
    targets: [groupsOf(queue, undeliverableQueue)],
  });
  // the queues' policies are their children, and the mapping is the function's: a filter on it deletes what it lets not pass
  rule.node.addDependency(queue, undeliverableQueue, handler);
  return rule;
}

/**
 * Allows every rule of the bus, and not this consumer's alone: a policy with the rule's ARN is created after the rule,
 * which the events of the time between do not survive. Rules of a bus are made by whoever may make them, in its account.
 */
function allowRulesOf(bus: IEventBus, queue: Queue): void {
  const rules = Stack.of(queue).formatArn({
    service: 'events',
    resource: 'rule',
    resourceName: `${bus.eventBusName}/*`,
  });
  queue.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal('events.amazonaws.com')],
      actions: ['sqs:SendMessage'],
      resources: [queue.queueArn],
      conditions: { ArnLike: { 'aws:SourceArn': rules } },
    }),
  );
}

/** Each event into its own group. Not CDK's `SqsQueue`: that one adds a policy which refers to the rule. */
const groupsOf = (queue: Queue, undeliverableQueue: Queue): IRuleTarget => ({
  bind: () => ({
    arn: queue.queueArn,
    input: RuleTargetInput.fromEventPath(EVENT_PATH),
    sqsParameters: { messageGroupId: EventField.fromPath(PARTITION_KEY_PATH) },
    deadLetterConfig: { arn: undeliverableQueue.queueArn },
    targetResource: queue,
  }),
});

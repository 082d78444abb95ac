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
 * Creates the rule after the queue policies and the function, because EventBridge does not retry a denied delivery. The
 * function's code then knows every type of the pattern.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
 */
export function createConsumerRule(scope: Construct, props: ConsumerRuleProps): Rule {
  const { bus, subscription, queues, handler } = props;
  const { queue, undeliverableQueue } = queues;
  for (const each of [queue, undeliverableQueue]) allowRulesOf(bus, each);
  const rule = new Rule(scope, 'Rule', {
    eventBus: bus,
    description: `Waybill: events of '${subscription.name}'; select this rule in a replay to reach only this consumer`,
    eventPattern: eventPatternOf(subscription),
    targets: [groupsOf(queue, undeliverableQueue)],
  });
  // An event filter on the mapping deletes the messages that do not match.
  rule.node.addDependency(queue, undeliverableQueue, handler);
  return rule;
}

/**
 * Allows all rules of the bus. A policy with the rule's ARN could only be created after the rule, and events in between
 * would be lost. Only principals of its account can create rules on the bus.
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

/**
 * Sends each event to its own group. CDK's `SqsQueue` is not used, because it adds a policy that refers to the rule.
 */
const groupsOf = (queue: Queue, undeliverableQueue: Queue): IRuleTarget => ({
  bind: () => ({
    arn: queue.queueArn,
    input: RuleTargetInput.fromEventPath(EVENT_PATH),
    sqsParameters: { messageGroupId: EventField.fromPath(PARTITION_KEY_PATH) },
    deadLetterConfig: { arn: undeliverableQueue.queueArn },
    targetResource: queue,
  }),
});

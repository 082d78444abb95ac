import { CfnOutput, type Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { createConsumer, createHub, createStack } from '../test-stack.ts';

const outputsOf = (stack: Stack): readonly string[] => Object.keys(Template.fromStack(stack).findOutputs('*'));

describe('the outputs of a stack', () => {
  it('tell operators the bus, the tables and what else belongs to the hub', () => {
    const stack = createStack();
    createHub(stack);

    expect(outputsOf(stack)).toStrictEqual([
      'HubBusName',
      'HubBusArn',
      'HubArchiveArn',
      'HubOutboxTableName',
      'HubPendingTableName',
      'HubInboxTableName',
      'HubCursorsTableName',
      'HubOperatorTableName',
      'HubRelayFunctionName',
      'HubSweeperFunctionName',
      'HubReconcilerFunctionName',
      'HubSettingsParameterName',
      'HubFailedRecordsBucketName',
    ]);
  });

  it("tell operators a consumer's queues and its rule, by the name of its subscription", () => {
    const stack = createStack();
    const consumer = createConsumer(createHub(stack));

    const template = Template.fromStack(stack);

    template.hasOutput('BillingQueueUrl', { Value: stack.resolve(consumer.queue.queueUrl) });
    template.hasOutput('BillingQueueArn', { Value: stack.resolve(consumer.queue.queueArn) });
    template.hasOutput('BillingDeadLetterQueueUrl', { Value: stack.resolve(consumer.deadLetterQueue.queueUrl) });
    template.hasOutput('BillingDeadLetterQueueArn', { Value: stack.resolve(consumer.deadLetterQueue.queueArn) });
    template.hasOutput('BillingUndeliverableQueueUrl', { Value: stack.resolve(consumer.undeliverableQueue.queueUrl) });
    template.hasOutput('BillingRuleArn', { Value: stack.resolve(consumer.rule.ruleArn) });
  });

  it('do not take the id of an existing output', () => {
    const stack = createStack();
    new CfnOutput(stack, 'BillingQueueUrl', { value: 'mine' });
    createConsumer(createHub(stack));

    const template = Template.fromStack(stack);

    template.hasOutput('BillingQueueUrl', { Value: 'mine' });
    expect(Object.keys(template.findOutputs('*')).filter((id) => id.includes('QueueUrl'))).toHaveLength(4);
  });

  it('are left out with a warning if the template has no room for them', () => {
    const stack = createStack();
    for (let index = 0; index < 135; index++) new CfnOutput(stack, `Mine${index}`, { value: 'mine' });
    createConsumer(createHub(stack));

    const warnings = Annotations.fromStack(stack).findWarning('/Test/Billing', Match.stringLikeRegexp('left out'));

    expect(outputsOf(stack).filter((id) => id.startsWith('Billing'))).toStrictEqual([]);
    expect(outputsOf(stack)).toHaveLength(148);
    expect(warnings.map(({ entry }) => entry.data)).toStrictEqual([
      "the stack has 148 outputs and a template takes 200: those of 'billing' (QueueUrl, QueueArn, DeadLetterQueueUrl, DeadLetterQueueArn, UndeliverableQueueUrl, RuleArn) are left out; move some consumers to another stack, or look the names up in the consoles [ack: waybill:outputs-left-out]",
    ]);
  });
});

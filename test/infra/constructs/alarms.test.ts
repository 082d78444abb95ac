import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { EnvironmentSettings } from '../../../infra/settings.ts';
import { createConsumer, createHub, createStack, settingsWith } from '../test-stack.ts';

const TOPIC = 'arn:aws:sns:eu-west-1:111122223333:alarms';

const synthesize = (changes: Partial<EnvironmentSettings> = {}): Template => {
  const stack = createStack();
  createConsumer(
    createHub(stack, { settings: settingsWith({ alarmsEnabled: true, alarmTopicArn: TOPIC, ...changes }) }),
  );
  return Template.fromStack(stack);
};

describe('alarms', () => {
  it.each([
    ['RelayLag', 'AWS/Lambda', 'IteratorAge', 600_000],
    ['Quarantined', 'Waybill/dev', 'EventsQuarantined', 0],
    ['QuarantinedBySweeper', 'Waybill/dev', 'EventsQuarantined', 0],
    ['SweeperErrors', 'AWS/Lambda', 'Errors', 0],
    ['RelaySetAside', 'AWS/Lambda', 'OnFailureDestinationDeliveredEventCount', 0],
    ['RelayDropped', 'AWS/Lambda', 'DroppedEventCount', 0],
    ['RelayErrors', 'AWS/Lambda', 'Errors', 0],
    ['RelayThrottles', 'AWS/Lambda', 'Throttles', 0],
    ['DeadLetters', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', 0],
    ['Undeliverable', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', 0],
    ['OldestMessage', 'AWS/SQS', 'ApproximateAgeOfOldestMessage', 900],
    ['LongWait', 'Waybill/dev', 'RenewedEventAge', 900_000],
    ['GroupMismatch', 'Waybill/dev', 'GroupMismatches', 0],
    ['HandledLate', 'Waybill/dev', 'EventsHandledLate', 0],
    ['DuplicateUnverified', 'Waybill/dev', 'DuplicatesUnverified', 0],
    ['HeldGroups', 'Waybill/dev', 'HeldGroups', 0],
    ['HeldTooLong', 'Waybill/dev', 'OldestWaitAge', 777_600_000],
    ['LogHole', 'Waybill/dev', 'LogHoles', 0],
    ['ExpiredUnhandled', 'Waybill/dev', 'EventsExpiredUnhandled', 0],
    ['Errors', 'AWS/Lambda', 'Errors', 0],
    ['Throttles', 'AWS/Lambda', 'Throttles', 0],
    ['FailedInvocations', 'AWS/Events', 'FailedInvocations', 0],
    ['UndeliverableLost', 'AWS/Events', 'InvocationsFailedToBeSentToDlq', 0],
  ])('%s goes off when %s %s exceeds %d, and notifies the topic', (id, namespace, metric, threshold) => {
    const alarms = synthesize().findResources('AWS::CloudWatch::Alarm', {
      Properties: {
        Namespace: namespace,
        MetricName: metric,
        Threshold: threshold,
        ComparisonOperator: 'GreaterThanThreshold',
        AlarmActions: [TOPIC],
      },
    });

    expect(Object.keys(alarms)).toContainEqual(expect.stringMatching(`^(Hub|Billing)Alarms${id}[0-9A-F]{8}$`));
  });

  it('PendingAge goes off when an event has been overdue for ten sweeps, and when no sweep runs', () => {
    const template = synthesize({ sweepAfterSeconds: 300, sweepEveryMinutes: 2 });

    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'Waybill/dev',
      MetricName: 'OldestPendingAge',
      Dimensions: [{ Name: 'service', Value: 'sweeper' }],
      Statistic: 'Maximum',
      Period: 120,
      EvaluationPeriods: 3,
      Threshold: 1_500_000,
      TreatMissingData: 'breaching',
      AlarmActions: [TOPIC],
    });
  });

  it('PendingGrowing goes off when the number of pending events has grown fifteen times in a row', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: [
        Match.objectLike({ Expression: 'DIFF(pending)' }),
        Match.objectLike({
          Id: 'pending',
          MetricStat: Match.objectLike({ Metric: Match.objectLike({ MetricName: 'PendingEvents' }), Period: 60 }),
        }),
      ],
      EvaluationPeriods: 15,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
    });
  });

  it("counts quarantined events by the relay's service name", () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'EventsQuarantined',
      Dimensions: [{ Name: 'service', Value: 'relay' }],
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { POWERTOOLS_SERVICE_NAME: 'relay', POWERTOOLS_METRICS_NAMESPACE: 'Waybill/dev' } },
    });
  });

  it('counts records set aside at the stream mapping, which reports its counts', () => {
    const template = synthesize();

    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'OnFailureDestinationDeliveredEventCount',
      Dimensions: [
        {
          Name: 'EventSourceMappingUUID',
          Value: { Ref: Match.stringLikeRegexp('^HubRelayFunctionDynamoDBEventSource') },
        },
      ],
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', { MetricsConfig: { Metrics: ['EventCount'] } });
  });

  it('finds the metrics of a rule on a custom bus by the bus and the rule', () => {
    const nameAt = (index: number) => ({
      'Fn::Select': [index, { 'Fn::Split': ['/', { 'Fn::GetAtt': [Match.stringLikeRegexp('^BillingRule'), 'Arn'] }] }],
    });

    synthesize().hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'FailedInvocations',
      Dimensions: [
        { Name: 'EventBusName', Value: nameAt(1) },
        { Name: 'RuleName', Value: nameAt(2) },
      ],
    });
  });

  it('BreakerOpen goes off when a breaker has opened in five minutes of fifteen', () => {
    const stack = createStack();
    const hub = createHub(stack, { settings: settingsWith({ alarmsEnabled: true }) });
    createConsumer(hub, { externalSystems: ['payment-gateway'] });

    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'Waybill/dev',
      MetricName: 'BreakerState',
      Dimensions: [
        { Name: 'service', Value: 'billing' },
        { Name: 'system', Value: 'payment-gateway' },
      ],
      Statistic: 'Maximum',
      EvaluationPeriods: 15,
      DatapointsToAlarm: 5,
      Threshold: 0.75,
      TreatMissingData: 'notBreaching',
      AlarmDescription: Match.stringLikeRegexp(
        "^'billing' could not reach 'payment-gateway' in 5 of the last 15 minutes",
      ),
    });
  });

  it('without a topic only change their state', () => {
    const stack = createStack();
    createHub(stack, { settings: settingsWith({ alarmsEnabled: true }) });

    Template.fromStack(stack).allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: Match.absent() });
  });

  it('do not exist if the settings disable them', () => {
    synthesize({ alarmsEnabled: false }).resourceCountIs('AWS::CloudWatch::Alarm', 0);
  });
});

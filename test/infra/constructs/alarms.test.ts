import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { tableFrom } from '../../../infra/constructs/table-from.ts';
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

interface Watched {
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: unknown }[];
}

const nameOf = ({ MetricName, Dimensions }: Watched): string =>
  `${MetricName} ${Dimensions.find(({ Name }) => Name === 'GlobalSecondaryIndexName')?.Value ?? ''}`;

describe('alarms', () => {
  it.each([
    ['RelayLag', 'AWS/Lambda', 'IteratorAge', 600_000],
    ['SweeperErrors', 'AWS/Lambda', 'Errors', 0],
    ['DeadLetters', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', 0],
    ['Undeliverable', 'AWS/SQS', 'ApproximateNumberOfMessagesVisible', 0],
    ['OldestMessage', 'AWS/SQS', 'ApproximateAgeOfOldestMessage', 900],
    ['LongWait', 'Waybill/dev', 'RenewedEventAge', 900_000],
    ['HeldGroups', 'Waybill/dev', 'HeldGroups', 0],
    ['HeldTooLong', 'Waybill/dev', 'OldestWaitAge', 777_600_000],
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

  it.each([
    ['Quarantined', ['byRelay', 'bySweeper'], ['EventsQuarantined', 'EventsQuarantined']],
    ['RelayGaveUp', ['setAside', 'dropped'], ['OnFailureDestinationDeliveredEventCount', 'DroppedEventCount']],
    ['RelayErrorsOrThrottles', ['errors', 'throttles'], ['Errors', 'Throttles']],
    [
      'DeliveryFaults',
      ['failedInvocations', 'lost', 'groupMismatches'],
      ['FailedInvocations', 'InvocationsFailedToBeSentToDlq', 'GroupMismatches'],
    ],
    [
      'OutOfTurn',
      ['logHoles', 'expiredUnhandled', 'handledLate', 'duplicatesUnverified'],
      ['LogHoles', 'EventsExpiredUnhandled', 'EventsHandledLate', 'DuplicatesUnverified'],
    ],
    ['ErrorsOrThrottles', ['errors', 'throttles'], ['Errors', 'Throttles']],
  ])('%s goes off when one of its metrics %j exceeds 0, and its text says what each means', (id, names, metrics) => {
    const found = synthesize().findResources('AWS::CloudWatch::Alarm', {
      Properties: {
        Metrics: [
          { Expression: `MAX([${names.map((name) => `FILL(${name}, 0)`).join(', ')}])` },
          ...metrics.map((MetricName, index) => ({
            Id: names[index],
            MetricStat: { Metric: { MetricName }, Period: 60, Stat: 'Sum' },
            ReturnData: false,
          })),
        ],
        Threshold: 0,
        ComparisonOperator: 'GreaterThanThreshold',
        TreatMissingData: 'notBreaching',
        AlarmActions: [TOPIC],
      },
    });
    const [alarm] = Object.entries(found).filter(([name]) =>
      new RegExp(`^(Hub|Billing)Alarms${id}[0-9A-F]{8}$`).test(name),
    );
    const { AlarmDescription } = alarm?.[1].Properties ?? {};

    expect(alarm).toBeDefined();
    if (id !== 'Quarantined')
      expect(names.filter((name) => !AlarmDescription.includes(`Metric ${name}: `))).toStrictEqual([]);
    expect(AlarmDescription.length).toBeLessThanOrEqual(1024);
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
      Metrics: Match.arrayWith([
        Match.objectLike({
          Id: 'byRelay',
          MetricStat: Match.objectLike({
            Metric: Match.objectLike({ Dimensions: [{ Name: 'service', Value: 'relay' }] }),
          }),
        }),
      ]),
    });
    template.hasResourceProperties('AWS::Lambda::Function', {
      Environment: { Variables: { POWERTOOLS_SERVICE_NAME: 'relay', POWERTOOLS_METRICS_NAMESPACE: 'Waybill/dev' } },
    });
  });

  it('counts records set aside at the stream mapping, which reports its counts', () => {
    const template = synthesize();

    const Dimensions = [
      {
        Name: 'EventSourceMappingUUID',
        Value: { Ref: Match.stringLikeRegexp('^HubRelayFunctionDynamoDBEventSource') },
      },
    ];
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: Match.arrayWith([
        Match.objectLike({
          Id: 'setAside',
          MetricStat: Match.objectLike({ Metric: Match.objectLike({ Dimensions }) }),
        }),
      ]),
    });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', { MetricsConfig: { Metrics: ['EventCount'] } });
  });

  it('finds the metrics of a rule on a custom bus by the bus and the rule', () => {
    const nameAt = (index: number) => ({
      'Fn::Select': [index, { 'Fn::Split': ['/', { 'Fn::GetAtt': [Match.stringLikeRegexp('^BillingRule'), 'Arn'] }] }],
    });

    const Dimensions = [
      { Name: 'EventBusName', Value: nameAt(1) },
      { Name: 'RuleName', Value: nameAt(2) },
    ];
    synthesize().hasResourceProperties('AWS::CloudWatch::Alarm', {
      Metrics: Match.arrayWith([
        Match.objectLike({
          Id: 'failedInvocations',
          MetricStat: Match.objectLike({ Metric: Match.objectLike({ Dimensions }) }),
        }),
      ]),
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

  it('on throttled requests watch a table with four indexes in one alarm, and five parts of a larger one in each', () => {
    const stack = createStack();
    const indexes = ['byA', 'byB', 'byC', 'byD', 'byE'].map((name) => ({
      name,
      partitionKey: { name, type: 'S' } as const,
    }));
    const key = { partitionKey: { name: 'id', type: 'S' } } as const;
    tableFrom(stack, 'Four', { ...key, indexes: indexes.slice(1) }, settingsWith({ alarmsEnabled: true }));
    tableFrom(stack, 'Five', { ...key, indexes }, settingsWith({ alarmsEnabled: true }));
    const alarms = Template.fromStack(stack).findResources('AWS::CloudWatch::Alarm');
    const watched = Object.entries(alarms).map(([id, { Properties }]) => [
      id.slice(0, -8),
      Properties.Metrics.slice(1).map(({ MetricStat }: { readonly MetricStat: { readonly Metric: Watched } }) =>
        nameOf(MetricStat.Metric),
      ),
    ]);
    const of = (index: string) => [`ReadThrottleEvents ${index}`, `WriteThrottleEvents ${index}`];

    expect(watched).toStrictEqual([
      ['FourAlarmsThrottles', ['', 'byB', 'byC', 'byD', 'byE'].flatMap(of)],
      ['FiveAlarmsThrottles', ['', 'byA', 'byB', 'byC', 'byD'].flatMap(of)],
      ['FiveAlarmsThrottles2', of('byE')],
    ]);
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

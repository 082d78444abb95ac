import { optionalText } from '../property-values.ts';
import type { ResourceType } from '../resource-type.ts';

/** Listed with the deployment; nothing raises it on a laptop. */
export const cloudWatchAlarm: ResourceType = {
  type: 'AWS::CloudWatch::Alarm',
  properties: {
    ActionsEnabled: 'without-effect',
    AlarmActions: 'without-effect',
    AlarmDescription: 'without-effect',
    AlarmName: 'used',
    ComparisonOperator: 'without-effect',
    DatapointsToAlarm: 'without-effect',
    Dimensions: 'without-effect',
    EvaluateLowSampleCountPercentile: 'without-effect',
    EvaluationPeriods: 'without-effect',
    ExtendedStatistic: 'without-effect',
    InsufficientDataActions: 'without-effect',
    MetricName: 'without-effect',
    Metrics: 'without-effect',
    Namespace: 'without-effect',
    OKActions: 'without-effect',
    Period: 'without-effect',
    Statistic: 'without-effect',
    Tags: 'without-effect',
    Threshold: 'without-effect',
    ThresholdMetricId: 'without-effect',
    TreatMissingData: 'without-effect',
    Unit: 'without-effect',
  },
  attributes: ['Arn'],

  async create(resource, { accountId, region }) {
    const name = optionalText(resource.properties, 'AlarmName') ?? resource.physicalName({ maxLength: 255 });
    const arn = `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`;
    return { physicalId: name, arn, attributes: { Arn: arn } };
  },
};

export const cloudWatchDashboard: ResourceType = {
  type: 'AWS::CloudWatch::Dashboard',
  properties: { DashboardBody: 'without-effect', DashboardName: 'used' },
  attributes: [],

  async create(resource, { accountId }) {
    const name = optionalText(resource.properties, 'DashboardName') ?? resource.physicalName({ maxLength: 255 });
    return { physicalId: name, arn: `arn:aws:cloudwatch::${accountId}:dashboard/${name}` };
  },
};

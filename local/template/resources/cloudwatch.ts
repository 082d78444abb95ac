import type { JsonObject } from '../../endpoint/service.ts';
import { stringAt } from '../json.ts';
import { objectList, optionalText } from '../property-values.ts';
import { resourceName } from '../resource-name.ts';
import type { ResourceType } from '../resource-type.ts';

/** Listed with the deployment; nothing raises it on a laptop. */
export const cloudWatchAlarm: ResourceType = {
  type: 'AWS::CloudWatch::Alarm',
  properties: {
    ActionsEnabled: 'without-effect',
    AlarmActions: 'without-effect',
    AlarmDescription: 'used',
    AlarmName: 'used',
    ComparisonOperator: 'without-effect',
    DatapointsToAlarm: 'without-effect',
    Dimensions: 'without-effect',
    EvaluateLowSampleCountPercentile: 'without-effect',
    EvaluationPeriods: 'without-effect',
    ExtendedStatistic: 'without-effect',
    InsufficientDataActions: 'without-effect',
    MetricName: 'used',
    Metrics: 'used',
    Namespace: 'used',
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
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html */
  updates: { replacedBy: ['AlarmName'], nameProperty: 'AlarmName' },

  async create(resource, { accountId, region }) {
    const name = resourceName(resource, 'AlarmName', { maxLength: 255 });
    const arn = `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}`;
    const description = optionalText(resource.properties, 'AlarmDescription');
    return {
      physicalId: name,
      arn,
      attributes: { Arn: arn },
      detail: { kind: 'alarm', alarmName: name, metric: metricOf(resource.properties), description },
    };
  },
};

export const cloudWatchDashboard: ResourceType = {
  type: 'AWS::CloudWatch::Dashboard',
  properties: { DashboardBody: 'without-effect', DashboardName: 'used' },
  attributes: [],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-dashboard.html */
  updates: { replacedBy: ['DashboardName'], nameProperty: 'DashboardName' },

  async create(resource, { accountId }) {
    const name = resourceName(resource, 'DashboardName', { maxLength: 255 });
    return {
      physicalId: name,
      arn: `arn:aws:cloudwatch::${accountId}:dashboard/${name}`,
      detail: { kind: 'dashboard', dashboardName: name },
    };
  },
};

function metricOf(properties: JsonObject): string | undefined {
  const metricName = stringAt(properties, 'MetricName');
  if (metricName !== undefined) return `${stringAt(properties, 'Namespace') ?? ''}/${metricName}`;
  return objectList(properties, 'Metrics')
    .map((metric) => stringAt(metric, 'Expression'))
    .find((expression) => expression !== undefined);
}

import type { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { EnvironmentSettings } from '../settings.ts';

/** A metric that a function of Waybill writes into its log. */
export const serviceMetric = (
  { metricNamespace }: EnvironmentSettings,
  service: string,
  metricName: string,
  statistic: string,
  period: Duration,
): Metric => new Metric({ namespace: metricNamespace, metricName, dimensionsMap: { service }, statistic, period });

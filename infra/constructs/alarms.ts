import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  type Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { EnvironmentSettings } from '../settings.ts';

export interface AlarmSpec {
  readonly metric: IMetric;
  /** The alarm goes off above it. @default 0 */
  readonly threshold?: number;
  /**
   * How missing data is treated. @default NOT_BREACHING: most metrics have data only if there is something to report
   */
  readonly missingData?: TreatMissingData;
  /** The latest periods that are looked at. @default 1 */
  readonly evaluationPeriods?: number;
  /** How many of them must be above the threshold. @default - all */
  readonly datapointsToAlarm?: number;
  /** What has happened. */
  readonly means: string;
  /** What the operator should do. */
  readonly action: string;
}

/** A minute, the shortest period in which AWS's services and Waybill's functions report. */
export const PERIOD = Duration.minutes(1);

/** Alarms on repeated failures only: 3 of 30 minutes. Single failures are retried. */
export const REPEATEDLY = { evaluationPeriods: 30, datapointsToAlarm: 3 } as const;

/**
 * Alarms on what must not happen once, of several metrics: 1 of 15 minutes. `highestOf` fills the newest minute with 0 until
 * its metrics arrive, so that an alarm on the newest minute alone could miss them.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export const ONCE = { evaluationPeriods: 15, datapointsToAlarm: 1 } as const;

/** Metrics that one alarm can watch. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create-alarm-on-metric-math-expression.html */
export const MAX_METRICS_PER_ALARM = 10;

/**
 * The highest of several metrics of one period, by names that say which one raised the alarm: its notification and its page
 * in the console list them. A metric without data counts as 0; otherwise the metrics that have data would not be seen.
 * @param metrics by name: letters and digits, the first a small letter
 */
export function highestOf(metrics: Readonly<Record<string, Metric>>): MathExpression {
  const names = Object.keys(metrics);
  return new MathExpression({
    expression: `MAX([${names.map((name) => `FILL(${name}, 0)`).join(', ')}])`,
    usingMetrics: { ...metrics },
    label: names.join(' or '),
    period: PERIOD,
  });
}

/**
 * SQS stops reporting metrics for a queue that is inactive for six hours. The alarm keeps its state.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export const SILENT_QUEUE = TreatMissingData.IGNORE;

/** Creates the alarms under `Alarms`, each with its key as id, if the settings have alarms. */
export function addAlarms(
  scope: Construct,
  settings: EnvironmentSettings,
  specs: Readonly<Record<string, AlarmSpec>>,
): void {
  if (!settings.alarmsEnabled) return;
  const alarms = new Construct(scope, 'Alarms');
  const { alarmTopicArn } = settings;
  for (const [id, spec] of Object.entries(specs)) {
    const alarm = new Alarm(alarms, id, {
      metric: spec.metric,
      threshold: spec.threshold ?? 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: spec.evaluationPeriods ?? 1,
      ...(spec.datapointsToAlarm === undefined ? {} : { datapointsToAlarm: spec.datapointsToAlarm }),
      treatMissingData: spec.missingData ?? TreatMissingData.NOT_BREACHING,
      alarmDescription: `${spec.means} ${spec.action}`,
    });
    if (alarmTopicArn !== undefined) alarm.addAlarmAction({ bind: () => ({ alarmActionArn: alarmTopicArn }) });
  }
}

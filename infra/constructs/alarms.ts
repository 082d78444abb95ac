import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { EnvironmentSettings } from '../settings.ts';

export interface AlarmSpec {
  readonly metric: IMetric;
  /** The alarm goes off above it. @default 0 */
  readonly threshold?: number;
  /**
   * What a period without data means. @default NOT_BREACHING: most metrics come only when there is something to report
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

/**
 * Of trouble that a retry mends, once is no reason to wake anybody, and again and again is: three minutes of thirty, so
 * that a crash every ten minutes tells, too.
 */
export const REPEATEDLY = { evaluationPeriods: 30, datapointsToAlarm: 3 } as const;

/**
 * For what a queue holds: SQS reports nothing of a queue that nobody has touched for six hours, and what lies in it is
 * there all the same.
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

import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { EnvironmentSettings } from '../settings.ts';

export interface AlarmSpec {
  readonly metric: IMetric;
  /** The alarm goes off above it. @default 0 */
  readonly threshold?: number;
  /** What a period without data means. @default NOT_BREACHING: most metrics come only when there is something to report */
  readonly missingData?: TreatMissingData;
  /** Periods in a row above the threshold. @default 1 */
  readonly evaluationPeriods?: number;
  /** What has happened. */
  readonly means: string;
  /** What whoever is woken does about it. */
  readonly action: string;
}

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
      treatMissingData: spec.missingData ?? TreatMissingData.NOT_BREACHING,
      alarmDescription: `${spec.means} ${spec.action}`,
    });
    if (alarmTopicArn !== undefined) alarm.addAlarmAction({ bind: () => ({ alarmActionArn: alarmTopicArn }) });
  }
}

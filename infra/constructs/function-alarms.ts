import type { MathExpression } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { METRIC } from '../../lib/definitions/index.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { type AlarmSpec, addAlarms, highestOf, PERIOD, REPEATEDLY } from './alarms.ts';
import { serviceMetric } from './service-metric.ts';
import type { WaybillFunction } from './waybill-function.ts';

/** What can be watched of any function. */
export type FunctionAlarm = 'ErrorsOrThrottles' | 'CrossTenantWork';

export const FUNCTION_ALARMS: readonly FunctionAlarm[] = ['ErrorsOrThrottles', 'CrossTenantWork'];

export interface FunctionAlarmsProps {
  readonly settings: EnvironmentSettings;
  readonly name: string;
  readonly alarms: readonly FunctionAlarm[];
}

/** Calls of a function that failed as a whole, and those that Lambda turned away. */
export const failuresOf = (watched: IFunction): MathExpression =>
  highestOf({
    errors: watched.metricErrors({ period: PERIOD }),
    throttles: watched.metricThrottles({ period: PERIOD }),
  });

/** Alarms for any function. Constructs with more specific alarms use those instead. */
export function addFunctionAlarms(watched: WaybillFunction, { settings, name, alarms }: FunctionAlarmsProps): void {
  const specs: Readonly<Record<FunctionAlarm, AlarmSpec>> = {
    ErrorsOrThrottles: {
      metric: failuresOf(watched),
      ...REPEATEDLY,
      means: `The function '${name}' fails, or Lambda turns its calls away, in 3 of the last 30 minutes at least; the metric above 0 says which.`,
      action:
        "Metric errors: read the function's log for the error, time-outs and lack of memory. Metric throttles: its concurrency, or the account's, is used up; raise the account's, the function's reserved one, or lower maxConcurrency of consumers.",
    },
    CrossTenantWork: {
      metric: serviceMetric(settings, name, METRIC.crossTenantWork, 'Sum', PERIOD),
      means: `The function '${name}' has left its tenant, or worked without one.`,
      action: `Look for 'cross-tenant work' in its log: the line has the reason; set worksAcrossTenants if it is meant to.`,
    },
  };
  addAlarms(watched, settings, Object.fromEntries(alarms.map((alarm) => [alarm, specs[alarm]])));
}

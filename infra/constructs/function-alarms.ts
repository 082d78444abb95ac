import { METRIC } from '../../lib/definitions/index.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { type AlarmSpec, addAlarms, PERIOD, REPEATEDLY } from './alarms.ts';
import { serviceMetric } from './service-metric.ts';
import type { WaybillFunction } from './waybill-function.ts';

/** What can be watched of any function. */
export type FunctionAlarm = 'Errors' | 'Throttles' | 'CrossTenantWork';

export const FUNCTION_ALARMS: readonly FunctionAlarm[] = ['Errors', 'Throttles', 'CrossTenantWork'];

export interface FunctionAlarmsProps {
  readonly settings: EnvironmentSettings;
  readonly name: string;
  readonly alarms: readonly FunctionAlarm[];
}

/** Alarms for any function. Constructs with more specific alarms use those instead. */
export function addFunctionAlarms(watched: WaybillFunction, { settings, name, alarms }: FunctionAlarmsProps): void {
  const specs: Readonly<Record<FunctionAlarm, AlarmSpec>> = {
    Errors: {
      metric: watched.metricErrors({ period: PERIOD }),
      ...REPEATEDLY,
      means: `The function '${name}' fails again and again: in 3 of the last 30 minutes at least.`,
      action: "Read the function's log for the error, time-outs and lack of memory.",
    },
    Throttles: {
      metric: watched.metricThrottles({ period: PERIOD }),
      ...REPEATEDLY,
      means: `Lambda turns calls of '${name}' away: its concurrency, or the account's, is used up again and again.`,
      action: "Raise the account's concurrency, the function's reserved one, or lower maxConcurrency of consumers.",
    },
    CrossTenantWork: {
      metric: serviceMetric(settings, name, METRIC.crossTenantWork, 'Sum', PERIOD),
      means: `The function '${name}' has left its tenant, or worked without one.`,
      action: `Look for 'cross-tenant work' in its log: the line has the reason; set worksAcrossTenants if it is meant to.`,
    },
  };
  addAlarms(watched, settings, Object.fromEntries(alarms.map((alarm) => [alarm, specs[alarm]])));
}

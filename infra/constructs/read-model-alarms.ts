import type { Duration } from 'aws-cdk-lib';
import { METRIC } from '../../lib/definitions/index.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { addAlarms, PERIOD, REPEATEDLY } from './alarms.ts';
import type { ReadModel } from './read-model.ts';
import { serviceMetric } from './service-metric.ts';

export interface ReadModelAlarmsProps {
  readonly settings: EnvironmentSettings;
  readonly name: string;
  readonly maxLag: Duration;
}

/** Alarms for a view, in addition to those of any consumer. */
export function addReadModelAlarms(readModel: ReadModel, { settings, name, maxLag }: ReadModelAlarmsProps): void {
  addAlarms(readModel, settings, {
    Lag: {
      metric: serviceMetric(settings, name, METRIC.commitToHandled, 'p90', PERIOD),
      threshold: maxLag.toMilliseconds(),
      ...REPEATEDLY,
      means: `The view '${name}' shows events later than ${maxLag.toSeconds()} seconds after their commit, again and again.`,
      action:
        'Look for failures and throttles of its consumer and for held groups; if there are none, raise maxConcurrency.',
    },
    RebuildErrors: {
      metric: readModel.rebuildFunction.metricErrors({ period: PERIOD }),
      means: `A step of the rebuild of '${name}' failed; the old view serves on.`,
      action: `Find the reason in the function's log, fix it, then run npx waybill rebuild ${name} again: it continues where it stopped.`,
    },
  });
}

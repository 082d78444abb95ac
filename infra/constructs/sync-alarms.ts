import { Duration } from 'aws-cdk-lib';
import { TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { type DeployedSync, METRIC } from '../../lib/definitions/index.ts';
import { syncSubscription } from '../../lib/sync/events.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { type AlarmSpec, addAlarms, highestOf, PERIOD, REPEATEDLY } from './alarms.ts';
import { failuresOf } from './function-alarms.ts';
import { serviceMetric } from './service-metric.ts';
import type { SyncEngine } from './sync-engine.ts';
import { type SyncTick, tickService } from './sync-tick.ts';

/** A tick looks every 15 minutes at what waits: within so long it has told of it again. */
const LOOKED_AT = Duration.minutes(20);

/** Within so long the next run has told again, so that the alarm stays on. A day is the longest that its alarms look at. */
const NEXT_RUN_MINUTES = 15;
const DAY_MINUTES = 24 * 60;

/** Of intervals; with two, each run ends after the next one was due. */
const LAG_INTERVALS = 2;

export interface SyncAlarmsProps {
  readonly settings: EnvironmentSettings;
  readonly sync: DeployedSync;
}

/** Alarms of a sync, in addition to those of any consumer. */
export function addSyncAlarms(engine: SyncEngine, { settings, sync }: SyncAlarmsProps): void {
  const { name } = sync;
  const service = syncSubscription(sync).name;
  const longestMinutes = Math.max(...Object.values(sync.providers).map(({ everyMinutes }) => everyMinutes));
  const untilNextRun = Duration.minutes(Math.min(DAY_MINUTES, longestMinutes + NEXT_RUN_MINUTES));
  const maxLag = Duration.minutes(LAG_INTERVALS * longestMinutes + NEXT_RUN_MINUTES);
  const metric = (metricName: string, statistic: 'Sum' | 'Maximum', period: Duration) =>
    serviceMetric(settings, service, metricName, statistic, period);
  addAlarms(engine, settings, {
    Parked: {
      metric: metric(METRIC.syncRecordsParked, 'Sum', untilNextRun),
      means: `The sync '${name}' could not take records: they are parked, tried again with each run, and missing here until then.`,
      action: `Run 'npx waybill sync parked ${name}' for the reasons; mend the record at the provider or the definition, or give it up with 'sync skip'.`,
    },
    CredentialsRefused: {
      metric: metric(METRIC.syncCredentialsRefused, 'Sum', untilNextRun),
      means: `A provider of '${name}' refused the credentials: its runs fail, and nothing is read until they are renewed.`,
      action: `Run 'npx waybill sync status ${name}' to see which provider, renew its credentials, then run 'npx waybill sync run ${name}'.`,
    },
    ApprovalDue: {
      metric: highestOf({
        found: metric(METRIC.syncApprovalsDue, 'Maximum', PERIOD),
        waiting: serviceMetric(settings, tickService(sync), METRIC.syncApprovalsDue, 'Maximum', PERIOD),
      }),
      evaluationPeriods: LOOKED_AT.toMinutes(),
      datapointsToAlarm: 1,
      means: `A reconciliation of '${name}' found so many records missing that it deletes none before somebody approves it; the metric above 0 says whether it was just found or still waits.`,
      action: `Metric found or waiting: run 'npx waybill sync status ${name}', compare with the provider, then 'npx waybill sync approve ${name}' or 'sync cancel ${name}'.`,
    },
    SyncLag: {
      metric: metric(METRIC.syncLag, 'Maximum', untilNextRun),
      threshold: maxLag.toMilliseconds(),
      means: `A run of '${name}' ended more than ${maxLag.toMinutes()} minutes after the time up to which it has read: it takes longer than its interval.`,
      action: `Look at the run's slices and waits in 'npx waybill sync status ${name}': raise the provider's ratePerSecond or the page size, or lengthen everyMinutes. After a first run the alarm ends by itself.`,
    },
    ...(engine.tick === undefined ? {} : tickAlarms(engine.tick, { settings, sync })),
  });
}

function tickAlarms(tick: SyncTick, { settings, sync }: SyncAlarmsProps): Readonly<Record<string, AlarmSpec>> {
  const { name } = sync;
  return {
    Overdue: {
      metric: serviceMetric(settings, tickService(sync), METRIC.syncSubscriptionsOverdue, 'Maximum', LOOKED_AT),
      // every tick emits it: missing data means that the sync's schedule does not run
      missingData: TreatMissingData.BREACHING,
      means: `A subscription of '${name}' had no run that ended well for four of its intervals, or its schedule does not run.`,
      action: `Run 'npx waybill sync status ${name}' for the reason of its last run; the log line 'sync: subscription is overdue' names it. Without such a line, look at the errors of the function that ticks and at its rule.`,
    },
    TickErrorsOrThrottles: {
      metric: failuresOf(tick.function),
      ...REPEATEDLY,
      means: `The function that schedules '${name}' fails or is throttled, again and again; the metric above 0 says which.`,
      action:
        "Metric errors: the log line 'sync: a subscription could not be scheduled' says why; what is due stays due. Metric throttles: raise the account's concurrency or lower maxConcurrency of consumers.",
    },
  };
}

import { readFile } from 'node:fs/promises';
import { Stack } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { describe, expect, it } from 'vitest';
import { WaybillFunction } from '../../../infra/constructs/waybill-function.ts';
import { createApp } from '../../../infra/create-app.ts';
import * as appServices from '../../../infra/services.ts';
import { ALARM_CASES } from './alarm-cases.ts';
import { alarmsOf } from './alarms-of.ts';
import { type Alarm, type AlarmState, isOf, type Series, statesOf, type Unsaid } from './cloudwatch.ts';
import { deploy, kindOf, variablesOf } from './deployment.ts';

const deployment = deploy();
const { stack } = deployment;
const alarms = alarmsOf(stack).map((alarm) => ({ alarm, kind: kindOf(stack, alarm.path) }));

/** Alarms whose cases are made for this one construct, where there are several of a kind. */
const OF_CASES = /^(Hub|Billing|Overview|Trips|PlaceOrder|Overview\/Table|Api|Carrier|Products)\/Alarms\//;

function alarmOfKind(kind: string): Alarm {
  const one = alarms.find((each) => each.kind === kind && OF_CASES.test(each.alarm.path));
  if (one === undefined) throw new Error(`no alarm is of kind '${kind}'`);
  return one.alarm;
}

/** The answer must not depend on what CloudWatch does not say. */
const UNSAID: readonly Unsaid[] = [0, 2].flatMap((beyond) =>
  [0, 3].flatMap((late) => [true, false].map((fillsNothing) => ({ beyond, late, fillsNothing }))),
);

const outcomes = (alarm: Alarm, series: readonly Series[], minutes: number): readonly boolean[] => [
  ...new Set(UNSAID.map((unsaid) => statesOf(alarm, series, minutes, unsaid).includes('ALARM' satisfies AlarmState))),
];

describe.each(Object.entries(ALARM_CASES))('the alarm of a %s', (kind, cases) => {
  it.each(cases.map((each) => [each.goesOff ? 'goes off' : 'stays OK', each.title, each] as const))(
    '%s for %s',
    async (_, _title, { goesOff, minutes = 120, metrics }) => {
      expect(outcomes(alarmOfKind(kind), await metrics(deployment), minutes)).toStrictEqual([goesOff]);
    },
  );
});

describe('alarms', () => {
  it('are each tested with a metric that makes them go off, and with one that does not', () => {
    const driven = Object.entries(ALARM_CASES)
      .filter(([, cases]) => cases.some(({ goesOff }) => goesOff) && cases.some(({ goesOff }) => !goesOff))
      .map(([kind]) => kind);

    expect([...new Set(alarms.map(({ kind }) => kind))].toSorted()).toStrictEqual(driven.toSorted());
  });

  it.each(alarms.filter(({ alarm }) => alarm.stats.length > 1 && OF_CASES.test(alarm.path)).map(({ kind }) => kind))(
    'of several metrics go off by each of them alone: %s',
    async (kind) => {
      const alarm = alarmOfKind(kind);
      const cases = (ALARM_CASES[kind] ?? []).filter(({ goesOff }) => goesOff);
      const metrics: (readonly Series[])[] = [];
      // one after the other: they listen to the console
      for (const each of cases) metrics.push(await each.metrics(deployment));

      for (const stat of alarm.stats) {
        const alone = metrics.map((series) => series.filter((each) => isOf(each, stat)));
        expect(alone.map((series) => outcomes(alarm, series, 120))).toContainEqual([true]);
      }
    },
  );

  it('have these statistics, periods and thresholds', () => {
    expect([...new Set(alarms.map(({ alarm, kind }) => inWords(kind, alarm)))].toSorted()).toStrictEqual([
      'consumer BreakerOpen of …: Maximum of BreakerState in 60 s > 0.75, 5 of 15, notBreaching',
      'consumer DeadLetters: Maximum of ApproximateNumberOfMessagesVisible in 60 s > 0, 1 of 1, ignore',
      'consumer DeliveryFaults: MAX of Sum of FailedInvocations, Sum of InvocationsFailedToBeSentToDlq, Sum of GroupMismatches in 60 s > 0, 1 of 15, notBreaching',
      'consumer ErrorsOrThrottles: MAX of Sum of Errors, Sum of Throttles in 60 s > 0, 3 of 30, notBreaching',
      'consumer HeldGroups: Maximum of HeldGroups in 60 s > 0, 1 of 1, notBreaching',
      'consumer HeldTooLong: Maximum of OldestWaitAge in 60 s > 777600000, 1 of 1, notBreaching',
      'consumer InFlight: Maximum of ApproximateNumberOfMessagesNotVisible in 60 s > 100000, 3 of 30, notBreaching',
      'consumer LongWait: Maximum of RenewedEventAge in 300 s > 1080000, 1 of 1, notBreaching',
      'consumer LongWait: Maximum of RenewedEventAge in 300 s > 900000, 1 of 1, notBreaching',
      'consumer OldestMessage: Maximum of ApproximateAgeOfOldestMessage in 60 s > 1080, 3 of 30, notBreaching',
      'consumer OldestMessage: Maximum of ApproximateAgeOfOldestMessage in 60 s > 900, 3 of 30, notBreaching',
      'consumer OutOfTurn: MAX of Sum of LogHoles, Sum of EventsExpiredUnhandled, Sum of EventsHandledLate, Sum of DuplicatesUnverified in 60 s > 0, 1 of 15, notBreaching',
      'consumer PausedTooLong: Maximum of OldestPauseAge in 60 s > 86400000, 1 of 1, notBreaching',
      'consumer Undeliverable: Maximum of ApproximateNumberOfMessagesVisible in 60 s > 0, 1 of 1, ignore',
      'function CrossTenantWork: Sum of CrossTenantWork in 60 s > 0, 1 of 1, notBreaching',
      'function ErrorsOrThrottles: MAX of Sum of Errors, Sum of Throttles in 60 s > 0, 3 of 30, notBreaching',
      'http edge ClientLimitUnavailable: Sum of ClientLimitUnavailable in 60 s > 0, 3 of 30, notBreaching',
      'http edge Latency: p95 of Latency in 60 s > 1000, 5 of 15, notBreaching',
      'http edge ServerErrors: Sum of 5xx in 60 s > 0, 3 of 30, notBreaching',
      'hub EventsSwept: Sum of EventsSwept in 60 s > 0, 3 of 180, notBreaching',
      'hub PendingAge: Maximum of OldestPendingAge in 60 s > 720000, 3 of 3, breaching',
      'hub PendingGrowing: DIFF of Maximum of PendingEvents in 60 s > 0, 15 of 15, notBreaching',
      'hub Quarantined: MAX of Sum of EventsQuarantined, Sum of EventsQuarantined in 60 s > 0, 1 of 15, notBreaching',
      'hub ReconciliationBehind: Maximum of OldestReconciledAge in 900 s > 172800000, 8 of 8, breaching',
      'hub RelayErrorsOrThrottles: MAX of Sum of Errors, Sum of Throttles in 60 s > 0, 3 of 30, notBreaching',
      'hub RelayGaveUp: MAX of Sum of OnFailureDestinationDeliveredEventCount, Sum of DroppedEventCount in 60 s > 0, 1 of 15, notBreaching',
      'hub RelayLag: Maximum of IteratorAge in 60 s > 600000, 3 of 30, notBreaching',
      'hub SettingsRefused: Sum of SettingsRefused in 60 s > 0, 1 of 15, notBreaching',
      'hub SweeperErrors: Sum of Errors in 60 s > 0, 3 of 30, notBreaching',
      'hub Unaccounted: Maximum of Unaccounted in 900 s > 0, 1 of 1, notBreaching',
      'process manager CompensationFailed: Sum of SagaCompensationsFailed in 60 s > 0, 1 of 1, notBreaching',
      'process manager TimersDeadLetters: Maximum of ApproximateNumberOfMessagesVisible in 60 s > 0, 1 of 1, ignore',
      'process manager TimersErrors: Sum of Errors in 60 s > 0, 3 of 30, notBreaching',
      'process manager TimersOldestMessage: Maximum of ApproximateAgeOfOldestMessage in 60 s > 900, 3 of 30, notBreaching',
      'read model Lag: p90 of CommitToHandled in 60 s > 300000, 3 of 30, notBreaching',
      'read model RebuildErrors: Sum of Errors in 60 s > 0, 1 of 1, notBreaching',
      'sync ApprovalDue: MAX of Maximum of SyncApprovalsDue, Maximum of SyncApprovalsDue in 60 s > 0, 1 of 20, notBreaching',
      'sync CredentialsRefused: Sum of SyncCredentialsRefused in 1800 s > 0, 1 of 1, notBreaching',
      'sync Overdue: Maximum of SyncSubscriptionsOverdue in 1200 s > 0, 1 of 1, breaching',
      'sync Parked: Sum of SyncRecordsParked in 1800 s > 0, 1 of 1, notBreaching',
      'sync SyncLag: Maximum of SyncLag in 1800 s > 2700000, 1 of 1, notBreaching',
      'sync TickErrorsOrThrottles: MAX of Sum of Errors, Sum of Throttles in 60 s > 0, 3 of 30, notBreaching',
      'table Throttles: MAX of Sum of ReadThrottleEvents, Sum of WriteThrottleEvents in 60 s > 0, 3 of 30, notBreaching',
      'table Throttles: MAX of Sum of ReadThrottleEvents, Sum of WriteThrottleEvents, Sum of ReadThrottleEvents, Sum of WriteThrottleEvents in 60 s > 0, 3 of 30, notBreaching',
      'table Throttles: MAX of Sum of ReadThrottleEvents, Sum of WriteThrottleEvents, Sum of ReadThrottleEvents, Sum of WriteThrottleEvents, Sum of ReadThrottleEvents, Sum of WriteThrottleEvents in 60 s > 0, 3 of 30, notBreaching',
      'table Throttles: MAX of Sum of ReadThrottleEvents, Sum of WriteThrottleEvents, Sum of ReadThrottleEvents, Sum of WriteThrottleEvents, Sum of ReadThrottleEvents, Sum of WriteThrottleEvents, Sum of ReadThrottleEvents, Sum of WriteThrottleEvents in 60 s > 0, 3 of 30, notBreaching',
      'webhook Refused: Sum of WebhooksRefused in 60 s > 0, 3 of 30, notBreaching',
      'webhook SecretUnreadable: Sum of WebhookSecretsUnreadable in 60 s > 0, 1 of 1, notBreaching',
      'webhook Unavailable: Sum of WebhooksUnavailable in 60 s > 0, 3 of 30, notBreaching',
    ]);
  });

  it.each([
    [1, 60, 180, 30],
    [7, 420, 26, 5],
    [60, 3600, 5, 5],
  ])(
    'evaluate the same time range if the sweeper runs every %d minutes',
    (sweepEveryMinutes, seconds, swept, errors) => {
      const rare = alarmsOf(deploy({ sweepEveryMinutes }).stack);
      const periodsOf = (id: string) => {
        const alarm = rare.find(({ path }) => path === `Hub/Alarms/${id}`);
        return [alarm?.stats[0].periodSeconds, alarm?.evaluationPeriods, alarm?.datapointsToAlarm];
      };

      expect(periodsOf('EventsSwept')).toStrictEqual([seconds, swept, 3]);
      expect(periodsOf('SweeperErrors')).toStrictEqual([seconds, errors, 3]);
    },
  );

  it('do not exceed the evaluation range of CloudWatch, whatever the settings', () => {
    for (const sweepEveryMinutes of [1, 2, 13, 31, 59, 60]) {
      for (const { stats, evaluationPeriods } of alarmsOf(deploy({ sweepEveryMinutes }).stack)) {
        const [{ periodSeconds }] = stats;
        // a day; a week for periods of an hour or more
        const most = periodSeconds < 3600 ? 86_400 : 604_800;
        expect(periodSeconds * evaluationPeriods).toBeLessThanOrEqual(most);
      }
    }
  });

  it('each have a section in the runbook, and every section is about an existing alarm', async () => {
    const runbook = await readFile('docs/runbook.md', 'utf8');
    const headings = runbook.split('\n').filter((line) => line.startsWith('## '));
    const inHeadings = headings.flatMap((line) => line.match(/\b[A-Z][a-z]+[A-Z]?\w*/g) ?? []);

    const ids = [...new Set(alarms.map(({ alarm }) => alarm.path.replace(/.*\/Alarms\//, '').replace(/-.*/, '')))];

    expect(ids.filter((id) => !inHeadings.includes(id))).toStrictEqual([]);
    expect(inHeadings.filter((word) => /[a-z][A-Z]/.test(word) && !ids.includes(word))).toStrictEqual([]);
  });

  it('say what has happened and what to do', () => {
    for (const resource of stack.node.findAll().filter((each) => each instanceof CfnAlarm)) {
      expect(resource.alarmDescription).toMatch(/^['A-Z].{20,}[.] [A-Z].{15,}[.]$/);
    }
  });

  it.each(['choreographed', 'orchestrated'])('of the whole app are all of the tested kinds: %s', (fulfilment) => {
    const app = createApp({
      services: Object.values(appServices),
      context: {
        env: 'staging',
        'shop:fulfilment': fulfilment,
        'setting:tenancy': 'required',
        'shop:paymentGatewayUrl': 'https://gateway.example',
        'aws:cdk:bundling-stacks': [],
      },
    });
    const shapes = new Set(alarms.map(({ alarm, kind }) => shapeOf(kind, alarm)));
    const stacks = app.node.children.filter((child) => child instanceof Stack);
    const services = app.node
      .findAll()
      .filter((each) => each instanceof WaybillFunction)
      .map((each) => variablesOf(each)['POWERTOOLS_SERVICE_NAME']);

    for (const each of stacks) {
      for (const alarm of alarmsOf(each)) {
        expect(shapes).toContain(shapeOf(kindOf(each, alarm.path), alarm));
        for (const { service } of alarm.stats.map(({ dimensions }) => dimensions)) {
          if (service !== undefined) expect(services).toContain(service);
        }
      }
    }
    expect(stacks.flatMap((each) => alarmsOf(each)).length).toBeGreaterThan(10);
  });
});

function inWords(kind: string, alarm: Alarm): string {
  const { stats, expression, threshold, datapointsToAlarm, evaluationPeriods, missingData } = alarm;
  const metrics = stats.map(({ statistic, metric }) => `${statistic} of ${metric}`).join(', ');
  const value = expression === 'none' ? metrics : `${expression} of ${metrics}`;
  return `${kind}: ${value} in ${stats[0].periodSeconds} s > ${threshold}, ${datapointsToAlarm} of ${evaluationPeriods}, ${missingData}`;
}

/** Everything of an alarm but whose it is. */
function shapeOf(kind: string, { stats, path: _, ...evaluation }: Alarm): string {
  const metrics = stats.map(({ namespace, dimensions, ...rest }) => ({
    ...rest,
    namespace: namespace.replace(/^Waybill\/.*/, 'Waybill/…'),
    dimensions: Object.keys(dimensions).toSorted(),
  }));
  return JSON.stringify({ kind, ...evaluation, metrics });
}

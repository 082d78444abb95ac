import { readFile } from 'node:fs/promises';
import { Stack } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { describe, expect, it } from 'vitest';
import { WaybillFunction } from '../../../infra/constructs/waybill-function.ts';
import { createApp } from '../../../infra/create-app.ts';
import * as appServices from '../../../infra/services.ts';
import { ALARM_CASES } from './alarm-cases.ts';
import { alarmsOf } from './alarms-of.ts';
import { type Alarm, type AlarmState, type Series, statesOf } from './cloudwatch.ts';
import { deploy, kindOf, variablesOf } from './deployment.ts';

const deployment = deploy();
const { stack } = deployment;
const alarms = alarmsOf(stack).map((alarm) => ({ alarm, kind: kindOf(stack, alarm.path) }));

/** Alarms whose cases are made for this one construct, where there are several of a kind. */
const OF_CASES = /^(Hub|Billing|Overview|Trips|PlaceOrder|Hub\/Outbox|Overview\/Table)\/Alarms\//;

function alarmOfKind(kind: string): Alarm {
  const found = alarms.filter((each) => each.kind === kind);
  const one =
    kind === 'table ReadThrottles' || kind === 'table WriteThrottles'
      ? found.find(({ alarm }) => alarm.path.startsWith('Hub/Outbox/'))
      : found.find(({ alarm }) => OF_CASES.test(alarm.path));
  if (one === undefined) throw new Error(`no alarm is of kind '${kind}'`);
  return one.alarm;
}

/** CloudWatch does not say how far it looks beyond the periods that it evaluates: the answer must not depend on it. */
const outcomes = (alarm: Alarm, series: readonly Series[], minutes: number): readonly boolean[] =>
  [0, 2].map((beyond) => statesOf(alarm, series, minutes, beyond).includes('ALARM' satisfies AlarmState));

describe.each(Object.entries(ALARM_CASES))('the alarm of a %s', (kind, cases) => {
  it.each(cases.map((each) => [each.goesOff ? 'goes off' : 'stays OK', each.title, each] as const))(
    '%s for %s',
    async (_, _title, { goesOff, minutes = 120, metrics }) => {
      expect(outcomes(alarmOfKind(kind), await metrics(deployment), minutes)).toStrictEqual([goesOff, goesOff]);
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

  it('have these statistics, periods and thresholds', () => {
    expect([...new Set(alarms.map(({ alarm, kind }) => inWords(kind, alarm)))].toSorted()).toStrictEqual([
      'consumer BreakerOpen of …: Maximum of BreakerState in 60 s > 0.75, 5 of 15, notBreaching',
      'consumer DeadLetters: Maximum of ApproximateNumberOfMessagesVisible in 60 s > 0, 1 of 1, ignore',
      'consumer DuplicateUnverified: Sum of DuplicatesUnverified in 60 s > 0, 1 of 1, notBreaching',
      'consumer Errors: Sum of Errors in 60 s > 0, 3 of 30, notBreaching',
      'consumer ExpiredUnhandled: Sum of EventsExpiredUnhandled in 60 s > 0, 1 of 1, notBreaching',
      'consumer FailedInvocations: Sum of FailedInvocations in 60 s > 0, 1 of 1, notBreaching',
      'consumer GroupMismatch: Sum of GroupMismatches in 60 s > 0, 1 of 1, notBreaching',
      'consumer HandledLate: Sum of EventsHandledLate in 60 s > 0, 1 of 1, notBreaching',
      'consumer HeldGroups: Maximum of HeldGroups in 60 s > 0, 1 of 1, notBreaching',
      'consumer HeldTooLong: Maximum of OldestWaitAge in 60 s > 777600000, 1 of 1, notBreaching',
      'consumer InFlight: Maximum of ApproximateNumberOfMessagesNotVisible in 60 s > 100000, 3 of 30, notBreaching',
      'consumer LogHole: Sum of LogHoles in 60 s > 0, 1 of 1, notBreaching',
      'consumer LongWait: Maximum of RenewedEventAge in 300 s > 900000, 1 of 1, notBreaching',
      'consumer OldestMessage: Maximum of ApproximateAgeOfOldestMessage in 60 s > 900, 3 of 30, notBreaching',
      'consumer Throttles: Sum of Throttles in 60 s > 0, 3 of 30, notBreaching',
      'consumer Undeliverable: Maximum of ApproximateNumberOfMessagesVisible in 60 s > 0, 1 of 1, ignore',
      'consumer UndeliverableLost: Sum of InvocationsFailedToBeSentToDlq in 60 s > 0, 1 of 1, notBreaching',
      'function CrossTenantWork: Sum of CrossTenantWork in 60 s > 0, 1 of 1, notBreaching',
      'function Errors: Sum of Errors in 60 s > 0, 3 of 30, notBreaching',
      'function Throttles: Sum of Throttles in 60 s > 0, 3 of 30, notBreaching',
      'hub EventsSwept: Sum of EventsSwept in 60 s > 0, 3 of 180, notBreaching',
      'hub PendingAge: Maximum of OldestPendingAge in 60 s > 720000, 3 of 3, breaching',
      'hub PendingGrowing: DIFF of Maximum of PendingEvents in 60 s > 0, 15 of 15, notBreaching',
      'hub Quarantined: Sum of EventsQuarantined in 60 s > 0, 1 of 1, notBreaching',
      'hub QuarantinedBySweeper: Sum of EventsQuarantined in 60 s > 0, 1 of 1, notBreaching',
      'hub RelayDropped: Sum of DroppedEventCount in 60 s > 0, 1 of 1, notBreaching',
      'hub RelayErrors: Sum of Errors in 60 s > 0, 3 of 30, notBreaching',
      'hub RelayLag: Maximum of IteratorAge in 60 s > 600000, 3 of 30, notBreaching',
      'hub RelaySetAside: Sum of OnFailureDestinationDeliveredEventCount in 60 s > 0, 1 of 1, notBreaching',
      'hub RelayThrottles: Sum of Throttles in 60 s > 0, 3 of 30, notBreaching',
      'hub SweeperErrors: Sum of Errors in 60 s > 0, 3 of 30, notBreaching',
      'process manager CompensationFailed: Sum of SagaCompensationsFailed in 60 s > 0, 1 of 1, notBreaching',
      'process manager TimersDeadLetters: Maximum of ApproximateNumberOfMessagesVisible in 60 s > 0, 1 of 1, ignore',
      'process manager TimersErrors: Sum of Errors in 60 s > 0, 3 of 30, notBreaching',
      'process manager TimersOldestMessage: Maximum of ApproximateAgeOfOldestMessage in 60 s > 900, 3 of 30, notBreaching',
      'read model Lag: p90 of CommitToHandled in 60 s > 300000, 3 of 30, notBreaching',
      'read model RebuildErrors: Sum of Errors in 60 s > 0, 1 of 1, notBreaching',
      'table ReadThrottles of …: Sum of ReadThrottleEvents in 60 s > 0, 3 of 30, notBreaching',
      'table ReadThrottles: Sum of ReadThrottleEvents in 60 s > 0, 3 of 30, notBreaching',
      'table WriteThrottles of …: Sum of WriteThrottleEvents in 60 s > 0, 3 of 30, notBreaching',
      'table WriteThrottles: Sum of WriteThrottleEvents in 60 s > 0, 3 of 30, notBreaching',
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
        return [alarm?.stat.periodSeconds, alarm?.evaluationPeriods, alarm?.datapointsToAlarm];
      };

      expect(periodsOf('EventsSwept')).toStrictEqual([seconds, swept, 3]);
      expect(periodsOf('SweeperErrors')).toStrictEqual([seconds, errors, 3]);
    },
  );

  it('do not exceed the evaluation range of CloudWatch, whatever the settings', () => {
    for (const sweepEveryMinutes of [1, 2, 13, 31, 59, 60]) {
      for (const { stat, evaluationPeriods } of alarmsOf(deploy({ sweepEveryMinutes }).stack)) {
        // a day; a week for periods of an hour or more
        const most = stat.periodSeconds < 3600 ? 86_400 : 604_800;
        expect(stat.periodSeconds * evaluationPeriods).toBeLessThanOrEqual(most);
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
        const { service } = alarm.stat.dimensions;
        if (service !== undefined) expect(services).toContain(service);
      }
    }
    expect(stacks.flatMap((each) => alarmsOf(each)).length).toBeGreaterThan(10);
  });
});

function inWords(kind: string, alarm: Alarm): string {
  const { stat, expression, threshold, datapointsToAlarm, evaluationPeriods, missingData } = alarm;
  const metric = `${stat.statistic} of ${stat.metric}`;
  const value = expression === 'none' ? metric : `${expression} of ${metric}`;
  return `${kind}: ${value} in ${stat.periodSeconds} s > ${threshold}, ${datapointsToAlarm} of ${evaluationPeriods}, ${missingData}`;
}

/** Everything of an alarm but whose it is. */
function shapeOf(kind: string, { stat, path: _, ...evaluation }: Alarm): string {
  const { namespace, dimensions, ...rest } = stat;
  const general = namespace.replace(/^Waybill\/.*/, 'Waybill/…');
  return JSON.stringify({ kind, ...evaluation, ...rest, general, dimensions: Object.keys(dimensions).toSorted() });
}

import type { WaybillFunction } from '../../../infra/constructs/waybill-function.ts';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { NO_SIGNS } from '../../../lib/sync/decide.ts';
import { NO_COUNTS, type RunRecord } from '../../../lib/sync/state.ts';
import type { SyncTelemetry } from '../../../lib/sync/telemetry.ts';
import { Refused } from '../../../lib/webhook/refusal.ts';
import { calls, inMinutes, reported, span } from './aws-metrics.ts';
import type { Series } from './cloudwatch.ts';
import { apiId, type Deployment, functionName, queueName, tableName } from './deployment.ts';
import { repeated } from './emitted.ts';
import {
  answerOnce,
  breakerOnce,
  consumeOnce,
  failCompensation,
  followOnce,
  gaugeOnce,
  leaveTenant,
  MINUTE_MS,
  missOnce,
  reconcileOnce,
  relayOnce,
  renewOnce,
  requestOnce,
  sweepOnce,
  syncOnce,
  tickOnce,
} from './own-metrics.ts';
import { textOf } from './text-of.ts';

export interface AlarmCase {
  readonly title: string;
  readonly goesOff: boolean;
  /** How long it is looked at. @default 120 */
  readonly minutes?: number;
  readonly metrics: (deployment: Deployment) => readonly Series[] | Promise<readonly Series[]>;
}

/** The inbox answers for nothing that was committed before it. */
const FORGOTTEN = 8e15 as EpochMs;

const HOUR = span(0, 60);
const EACH_THREE_MINUTES = span(0, 60, 3);
const EACH_TEN_MINUTES = span(0, 60, 10);
const EACH_QUARTER = span(0, 120, 15);

const gauged =
  (state: 'dead' | 'retrying' | 'paused', days: number) =>
  async ({ hub, consumer }: Deployment): Promise<readonly Series[]> =>
    repeated(await gaugeOnce({ sweeper: hub.sweeper.function, consumer: consumer.function }, state, days), HOUR);

const serverErrors =
  (failing: readonly number[]) =>
  ({ edge }: Deployment): readonly Series[] => [reported('AWS/ApiGateway', '5xx', [apiId(edge)], calls(120, failing))];

const latency =
  (milliseconds: number, minutes: readonly number[]) =>
  ({ edge }: Deployment): readonly Series[] => [
    reported('AWS/ApiGateway', 'Latency', [apiId(edge)], inMinutes(minutes, milliseconds)),
  ];

const requests =
  (isCounted: boolean, minutes: readonly number[]) =>
  async ({ edge }: Deployment): Promise<readonly Series[]> =>
    repeated(await requestOnce(edge.function, isCounted), minutes);

type WebhookAnswer = Parameters<typeof answerOnce>[1];

const REFUSED: WebhookAnswer = ({ refused }) => refused(new Refused('signature-mismatch'), 'acme');
const DUPLICATE: WebhookAnswer = ({ duplicate }) => duplicate({ tenantId: 'acme', deliveryId: '1', type: 'push' });
const SECRET_UNREADABLE: WebhookAnswer = ({ unavailable }) =>
  unavailable('secret-unreadable', 'acme', new Error('AccessDenied'));
const COMMIT_FAILED: WebhookAnswer = ({ unavailable }) => unavailable('commit-failed', 'acme', new Error('throttled'));

const answers =
  (answer: WebhookAnswer, minutes: readonly number[]) =>
  async ({ endpoint }: Deployment): Promise<readonly Series[]> =>
    repeated(await answerOnce(endpoint.function, answer), minutes);

const RUN: RunRecord = {
  ...{ sync: 'products', provider: 'supplier', runId: '1', mode: 'increment', trigger: 'schedule', slice: 1 },
  ...{ actor: undefined, approvedBy: undefined, startedAt: 0 as EpochMs, endedAt: 0 as EpochMs, counts: NO_COUNTS },
  ...{ status: 'failed', reason: undefined },
};

const refusedWith =
  (code: string) =>
  (telemetry: SyncTelemetry): void =>
    telemetry.runEnded({ ...RUN, reason: { code, message: 'no' } });

const syncs =
  (tell: (telemetry: SyncTelemetry) => void, minutes: readonly number[]) =>
  async ({ engine }: Deployment): Promise<readonly Series[]> =>
    repeated(await syncOnce(engine.consumer.function, tell), minutes);

const ticks =
  (found: Parameters<typeof tickOnce>[1], minutes: readonly number[]) =>
  async ({ engine }: Deployment): Promise<readonly Series[]> =>
    repeated(await tickOnce(tickOf(engine), found), minutes);

function tickOf({ tick }: Deployment['engine']): WaybillFunction {
  if (tick === undefined) throw new Error('the sync has no schedule');
  return tick.function;
}

const outcome =
  (of: 'parked' | 'created') =>
  (telemetry: SyncTelemetry): void =>
    telemetry.recorded(
      { outcome: of, reason: undefined, signs: NO_SIGNS, collect: undefined, after: undefined },
      'sku-1',
    );

const endedAfter =
  (minutes: number) =>
  (telemetry: SyncTelemetry): void =>
    telemetry.runEnded({ ...RUN, status: 'succeeded' }, minutes * MINUTE_MS);

type Failures = 'Errors' | 'Throttles';

/** Of trouble that a retry mends. */
const errorsOrThrottles = (called: (deployment: Deployment) => WaybillFunction): readonly AlarmCase[] =>
  (['Errors', 'Throttles'] as const).flatMap((metric) => repeatedly(metric, called));

const repeatedly = (metric: Failures, called: (deployment: Deployment) => WaybillFunction): readonly AlarmCase[] => {
  const metrics = (failing: readonly number[]) => (deployment: Deployment) => [
    reported('AWS/Lambda', metric, [functionName(called(deployment))], calls(120, failing)),
  ];
  return [
    { title: `one of its ${metric} every three minutes`, goesOff: true, metrics: metrics(EACH_THREE_MINUTES) },
    { title: `one of its ${metric} every ten minutes`, goesOff: true, metrics: metrics(EACH_TEN_MINUTES) },
    { title: `${metric} in three minutes in a row`, goesOff: true, metrics: metrics([7, 8, 9]) },
    { title: `${metric} in two minutes`, goesOff: false, metrics: metrics([7, 8]) },
    { title: `one of its ${metric} every 17 minutes`, goesOff: false, metrics: metrics(span(0, 120, 17)) },
    { title: 'a call each minute that succeeds', goesOff: false, metrics: metrics([]) },
    {
      title: `${metric} of another function`,
      goesOff: false,
      metrics: () => [reported('AWS/Lambda', metric, ['Another'], calls(120, HOUR))],
    },
  ];
};

const deadLetters = (queue: (deployment: Deployment) => Parameters<typeof queueName>[0]): readonly AlarmCase[] => {
  const metrics = (value: number, minutes: readonly number[]) => (deployment: Deployment) => [
    reported(
      'AWS/SQS',
      'ApproximateNumberOfMessagesVisible',
      [queueName(queue(deployment))],
      inMinutes(minutes, value),
    ),
  ];
  return [
    { title: 'one message for a minute', goesOff: true, metrics: metrics(1, [30]) },
    { title: 'no message', goesOff: false, metrics: metrics(0, HOUR) },
  ];
};

const oldest = (queue: (deployment: Deployment) => Parameters<typeof queueName>[0]): readonly AlarmCase[] => {
  const metrics = (seconds: number, minutes: readonly number[]) => (deployment: Deployment) => [
    reported('AWS/SQS', 'ApproximateAgeOfOldestMessage', [queueName(queue(deployment))], inMinutes(minutes, seconds)),
  ];
  return [
    { title: 'messages that wait for 901 seconds in three minutes', goesOff: true, metrics: metrics(901, [5, 6, 7]) },
    {
      title: 'messages that wait for 901 seconds every ten minutes',
      goesOff: true,
      metrics: metrics(901, EACH_TEN_MINUTES),
    },
    { title: 'messages that wait for 901 seconds in two minutes', goesOff: false, metrics: metrics(901, [5, 6]) },
    { title: 'messages that wait for 900 seconds', goesOff: false, metrics: metrics(900, HOUR) },
  ];
};

const throttles = (
  metric: 'ReadThrottleEvents' | 'WriteThrottleEvents',
  names: (deployment: Deployment) => readonly string[],
  whose = '',
): readonly AlarmCase[] => {
  const metrics = (minutes: readonly number[]) => (deployment: Deployment) => [
    reported('AWS/DynamoDB', metric, names(deployment), inMinutes(minutes, 1)),
  ];
  return [
    { title: `one of ${metric}${whose} every ten minutes`, goesOff: true, metrics: metrics(EACH_TEN_MINUTES) },
    { title: `${metric}${whose} in three minutes in a row`, goesOff: true, metrics: metrics([4, 5, 6]) },
    { title: `${metric}${whose} in two minutes of a burst`, goesOff: false, metrics: metrics([4, 5]) },
    { title: 'no request turned away, so that nothing is reported', goesOff: false, metrics: () => [] },
  ];
};

const lost = (
  namespaceAndMetric:
    | readonly ['AWS/Lambda', 'DroppedEventCount' | 'OnFailureDestinationDeliveredEventCount']
    | readonly ['AWS/Events', 'FailedInvocations' | 'InvocationsFailedToBeSentToDlq'],
  names: (deployment: Deployment) => readonly string[],
): readonly AlarmCase[] => {
  const metrics = (value: number) => (deployment: Deployment) => {
    const points = inMinutes([30], value);
    return namespaceAndMetric[0] === 'AWS/Lambda'
      ? [reported('AWS/Lambda', namespaceAndMetric[1], names(deployment), points)]
      : [reported('AWS/Events', namespaceAndMetric[1], names(deployment), points)];
  };
  return [
    { title: `one of ${namespaceAndMetric[1]}`, goesOff: true, metrics: metrics(1) },
    { title: `none of ${namespaceAndMetric[1]}`, goesOff: false, metrics: metrics(0) },
  ];
};

const mappingOf = ({ hub }: Deployment): readonly string[] => [textOf(hub, hub.relay.eventSourceMappingId)];
const ruleOf = ({ consumer: { rule } }: Deployment): readonly string[] => [
  'bus',
  textOf(rule, rule.ruleArn).split('/')[2] ?? '',
];

const crossTenant: readonly AlarmCase[] = [
  {
    title: 'work that leaves its tenant once',
    goesOff: true,
    metrics: async ({ placeOrder }) => repeated(await leaveTenant(placeOrder), [30]),
  },
  { title: 'no such work', goesOff: false, metrics: () => [] },
];

const lag = (ageMs: number, minutes: readonly number[]) => async (deployment: Deployment) =>
  repeated(await consumeOnce(deployment.readModel.consumer.function, { ageMs }), minutes);

const swept =
  (minutes: readonly number[]) =>
  async ({ hub }: Deployment) => [
    ...repeated(await sweepOnce(hub.sweeper.function, { ageMs: 3 * MINUTE_MS }), minutes),
    ...repeated(await sweepOnce(hub.sweeper.function, {}), span(0, 300)),
  ];

const waiting =
  (counts: readonly number[]) =>
  async ({ hub }: Deployment) => {
    const series: Series[] = [];
    for (const [minute, count] of counts.entries()) {
      series.push(...repeated(await sweepOnce(hub.sweeper.function, { waiting: count, ageMs: 1_000 }), [minute]));
    }
    return series;
  };

const pendingAge =
  (ageMs: number, minutes: readonly number[]) =>
  async ({ hub }: Deployment) => [
    ...repeated(await sweepOnce(hub.sweeper.function, { ageMs }), minutes),
    ...repeated(
      await sweepOnce(hub.sweeper.function, {}),
      span(0, 120).filter((minute) => !minutes.includes(minute)),
    ),
  ];

const breaker =
  (to: 'open' | 'half-open' | 'closed', minutes: readonly number[]) =>
  async ({ consumer }: Deployment) =>
    repeated(await breakerOnce(consumer.function, to), minutes);

const iteratorAge =
  (ms: number, minutes: readonly number[]) =>
  ({ hub }: Deployment) => [
    reported('AWS/Lambda', 'IteratorAge', [functionName(hub.relay.function)], inMinutes(minutes, ms)),
    // a batch that was up to date, in the same minutes
    reported('AWS/Lambda', 'IteratorAge', [functionName(hub.relay.function)], inMinutes(minutes, 10)),
  ];

const inFlight =
  (messages: number, minutes: readonly number[]) =>
  ({ consumer }: Deployment) => [
    reported(
      'AWS/SQS',
      'ApproximateNumberOfMessagesNotVisible',
      [queueName(consumer.queue)],
      inMinutes(minutes, messages),
    ),
  ];

const aDuplicate = async ({ consumer }: Deployment) =>
  repeated(await consumeOnce(consumer.function, { times: 2 }), [30]);

/** Cases of each kind of alarm: what it must tell, and what it must not. */
export const ALARM_CASES: Readonly<Record<string, readonly AlarmCase[]>> = {
  'hub RelayLag': [
    {
      title: 'a relay that is ten minutes behind for three minutes',
      goesOff: true,
      metrics: iteratorAge(600_001, [3, 4, 5]),
    },
    {
      title: 'a relay that is behind and is called every ten minutes',
      goesOff: true,
      metrics: iteratorAge(600_001, EACH_TEN_MINUTES),
    },
    {
      title: 'a relay that is ten minutes behind for two minutes',
      goesOff: false,
      metrics: iteratorAge(600_001, [3, 4]),
    },
    { title: 'a relay that is behind by just ten minutes', goesOff: false, metrics: iteratorAge(600_000, HOUR) },
  ],
  'hub Quarantined': [
    {
      title: 'one event that the bus rejects permanently',
      goesOff: true,
      metrics: async ({ hub }) => repeated(await relayOnce(hub.relay.function, true), [30]),
    },
    {
      title: 'events that the bus accepts',
      goesOff: false,
      metrics: async ({ hub }) => repeated(await relayOnce(hub.relay.function, false), HOUR),
    },
    {
      title: 'one event that has expired from the log',
      goesOff: true,
      metrics: async ({ hub }) =>
        repeated(await sweepOnce(hub.sweeper.function, { ageMs: 3 * MINUTE_MS, isGone: true }), [30]),
    },
    {
      title: 'events that the sweeper publishes',
      goesOff: false,
      metrics: async ({ hub }) => repeated(await sweepOnce(hub.sweeper.function, { ageMs: 3 * MINUTE_MS }), HOUR),
    },
  ],
  'hub RelayGaveUp': [
    ...lost(['AWS/Lambda', 'OnFailureDestinationDeliveredEventCount'], mappingOf),
    ...lost(['AWS/Lambda', 'DroppedEventCount'], mappingOf),
  ],
  'hub RelayErrorsOrThrottles': errorsOrThrottles(({ hub }) => hub.relay.function),
  'hub PendingAge': [
    {
      title: 'an event that waits for 721 seconds in three runs',
      goesOff: true,
      metrics: pendingAge(721_000, [40, 41, 42]),
    },
    {
      title: 'an event that waits for 721 seconds in two runs',
      goesOff: false,
      metrics: pendingAge(721_000, [40, 41]),
    },
    { title: 'an event that waits for 720 seconds', goesOff: false, metrics: pendingAge(720_000, HOUR) },
    {
      title: 'a sweeper that reports no metrics any more',
      goesOff: true,
      metrics: async ({ hub }) => repeated(await sweepOnce(hub.sweeper.function, {}), span(0, 60)),
    },
    {
      title: 'a sweeper that misses two runs',
      goesOff: false,
      metrics: async ({ hub }) =>
        repeated(await sweepOnce(hub.sweeper.function, {}), [...span(0, 60), ...span(62, 120)]),
    },
  ],
  'hub PendingGrowing': [
    {
      title: 'more pending events in fifteen runs in a row',
      goesOff: true,
      minutes: 20,
      metrics: waiting(span(0, 18)),
    },
    {
      title: 'more pending events in fourteen runs, then fewer',
      goesOff: false,
      minutes: 20,
      metrics: waiting([...span(0, 15), 3, 2, 1]),
    },
    {
      title: 'as many pending events in each run',
      goesOff: false,
      minutes: 20,
      metrics: waiting(span(0, 20).map(() => 5)),
    },
  ],
  'hub EventsSwept': [
    { title: 'a relay that is dead for ten minutes', goesOff: true, minutes: 300, metrics: swept(span(3, 13)) },
    { title: 'a dead relay with one event an hour', goesOff: true, minutes: 300, metrics: swept([10, 70, 130]) },
    { title: 'events that are left to two runs', goesOff: false, minutes: 300, metrics: swept([10, 11]) },
    { title: 'three runs in four hours', goesOff: false, minutes: 300, metrics: swept([10, 110, 230]) },
    { title: 'runs that find nothing', goesOff: false, minutes: 300, metrics: swept([]) },
  ],
  'hub Unaccounted': [
    {
      title: 'an event that is nowhere, in one run',
      goesOff: true,
      metrics: async ({ hub }) => repeated(await reconcileOnce(hub.reconciler?.function, { isLost: true }), [30]),
    },
    {
      title: 'runs that find every event',
      goesOff: false,
      metrics: async ({ hub }) => repeated(await reconcileOnce(hub.reconciler?.function, {}), EACH_QUARTER),
    },
  ],
  'hub ReconciliationBehind': [
    {
      title: 'a part that was not reconciled for more than two days',
      goesOff: true,
      minutes: 240,
      metrics: async ({ hub }) =>
        repeated(await reconcileOnce(hub.reconciler?.function, { ageHours: 49 }), span(0, 240, 15)),
    },
    {
      title: 'a part that was reconciled two days ago',
      goesOff: false,
      minutes: 240,
      metrics: async ({ hub }) =>
        repeated(await reconcileOnce(hub.reconciler?.function, { ageHours: 47 }), span(0, 240, 15)),
    },
    {
      title: 'a reconciler that does not report any more',
      goesOff: true,
      minutes: 240,
      metrics: async ({ hub }) => repeated(await reconcileOnce(hub.reconciler?.function, {}), span(0, 60, 15)),
    },
  ],
  'hub SettingsRefused': [
    {
      title: 'content of the settings parameter that is refused',
      goesOff: true,
      metrics: async ({ hub }) => repeated(await followOnce(hub.sweeper.function, '{"sweepMaxEvents":0}'), [30]),
    },
    {
      title: 'content that is valid',
      goesOff: false,
      metrics: async ({ hub }) => repeated(await followOnce(hub.sweeper.function, '{"sweepMaxEvents":5}'), HOUR),
    },
  ],
  'hub SweeperErrors': repeatedly('Errors', ({ hub }) => hub.sweeper.function),

  'consumer DeadLetters': deadLetters(({ consumer }) => consumer.deadLetterQueue),
  'consumer Undeliverable': deadLetters(({ consumer }) => consumer.undeliverableQueue),
  'consumer OldestMessage': oldest(({ consumer }) => consumer.queue),
  'consumer InFlight': [
    { title: '100,001 messages in flight for three minutes', goesOff: true, metrics: inFlight(100_001, [7, 8, 9]) },
    { title: '100,001 messages in flight for two minutes', goesOff: false, metrics: inFlight(100_001, [7, 8]) },
    { title: '100,000 messages in flight', goesOff: false, metrics: inFlight(100_000, HOUR) },
  ],
  'consumer LongWait': [
    {
      title: 'one event with new receives after fifteen minutes',
      goesOff: true,
      metrics: async ({ consumer }) => repeated(await renewOnce(consumer.function, 15 * MINUTE_MS + 1), [30]),
    },
    {
      title: 'one among events with new receives',
      goesOff: true,
      metrics: async ({ consumer }) => [
        ...repeated(await renewOnce(consumer.function, 15 * MINUTE_MS + 1), [30]),
        ...repeated(await renewOnce(consumer.function, MINUTE_MS), HOUR),
      ],
    },
    {
      title: 'events with new receives within fifteen minutes',
      goesOff: false,
      metrics: async ({ consumer }) => repeated(await renewOnce(consumer.function, 15 * MINUTE_MS), HOUR),
    },
  ],
  'consumer DeliveryFaults': [
    ...lost(['AWS/Events', 'FailedInvocations'], ruleOf),
    ...lost(['AWS/Events', 'InvocationsFailedToBeSentToDlq'], ruleOf),
    {
      title: 'one message in a group that is not its event’s',
      goesOff: true,
      metrics: async ({ consumer }) =>
        repeated(await consumeOnce(consumer.function, { messageGroup: '$.detail.partitionkey' }), [30]),
    },
    { title: 'a single duplicate', goesOff: false, metrics: aDuplicate },
  ],
  'consumer OutOfTurn': [
    {
      title: 'one event that the cursor had passed without handling it',
      goesOff: true,
      metrics: async ({ consumer }) => repeated(await consumeOnce(consumer.function, { isPassed: true }), [30]),
    },
    {
      title: 'one redriven event that the cursor has passed, and that has expired from the inbox',
      goesOff: true,
      metrics: async ({ consumer }) =>
        repeated(
          await consumeOnce(consumer.function, { isPassed: true }, undefined, { inboxAnswersSince: () => FORGOTTEN }),
          [30],
        ),
    },
    {
      title: 'one message behind an event that must still be in the log',
      goesOff: true,
      metrics: async ({ consumer }) => repeated(await missOnce(consumer.function, false), [30]),
    },
    {
      title: 'events that have expired before they were handled',
      goesOff: true,
      metrics: async ({ consumer }) => repeated(await missOnce(consumer.function, true), [30]),
    },
    { title: 'a single duplicate', goesOff: false, metrics: aDuplicate },
    {
      title: 'events that are handled in their turn',
      goesOff: false,
      metrics: async ({ consumer }) => repeated(await consumeOnce(consumer.function), HOUR),
    },
  ],
  'consumer HeldGroups': [
    { title: 'a group that is held', goesOff: true, metrics: gauged('dead', 0) },
    { title: 'a group that is being retried', goesOff: false, metrics: gauged('retrying', 3) },
  ],
  'consumer HeldTooLong': [
    { title: 'a group that waits for more than nine days', goesOff: true, metrics: gauged('retrying', 9.1) },
    { title: 'a group that is held for nine days', goesOff: false, metrics: gauged('dead', 9) },
  ],
  'consumer PausedTooLong': [
    { title: 'a group that is paused for more than a day', goesOff: true, metrics: gauged('paused', 1.1) },
    { title: 'a group that is paused for a day', goesOff: false, metrics: gauged('paused', 1) },
  ],
  'consumer ErrorsOrThrottles': errorsOrThrottles(({ consumer }) => consumer.function),
  'consumer BreakerOpen of …': [
    {
      title: 'a breaker that opens again in each of five minutes',
      goesOff: true,
      metrics: breaker('open', span(10, 15)),
    },
    { title: 'a breaker that opens every three minutes', goesOff: true, metrics: breaker('open', EACH_THREE_MINUTES) },
    { title: 'a breaker that opens in four minutes', goesOff: false, metrics: breaker('open', span(10, 14)) },
    { title: 'a breaker that opens every five minutes', goesOff: false, metrics: breaker('open', span(0, 60, 5)) },
    { title: 'a breaker that is half open', goesOff: false, metrics: breaker('half-open', HOUR) },
  ],

  'read model Lag': [
    { title: 'a view that is five minutes behind in three minutes', goesOff: true, metrics: lag(300_001, [3, 4, 5]) },
    { title: 'one late event every ten minutes', goesOff: true, metrics: lag(300_001, EACH_TEN_MINUTES) },
    { title: 'a view that is five minutes behind in two minutes', goesOff: false, metrics: lag(300_001, [3, 4]) },
    { title: 'a view that is just five minutes behind', goesOff: false, metrics: lag(300_000, HOUR) },
    {
      title: 'one late event among twenty in each minute',
      goesOff: false,
      metrics: async (deployment) => [
        ...(await lag(300_001, HOUR)(deployment)),
        ...(await lag(
          100,
          span(0, 19).flatMap(() => HOUR),
        )(deployment)),
      ],
    },
  ],
  'read model RebuildErrors': [
    {
      title: 'one step that fails',
      goesOff: true,
      metrics: ({ readModel }) => [
        reported('AWS/Lambda', 'Errors', [functionName(readModel.rebuildFunction)], calls(120, [30])),
      ],
    },
    {
      title: 'steps that succeed',
      goesOff: false,
      metrics: ({ readModel }) => [
        reported('AWS/Lambda', 'Errors', [functionName(readModel.rebuildFunction)], calls(120, [])),
      ],
    },
  ],

  'process manager CompensationFailed': [
    {
      title: 'one saga that cannot be undone',
      goesOff: true,
      metrics: async ({ manager }) => repeated(await failCompensation(manager.consumer.function), [30]),
    },
    { title: 'no saga that cannot be undone', goesOff: false, metrics: () => [] },
  ],
  'process manager TimersDeadLetters': deadLetters(({ manager }) => manager.timers.deadLetterQueue),
  'process manager TimersOldestMessage': oldest(({ manager }) => manager.timers.queue),
  'process manager TimersErrors': repeatedly('Errors', ({ manager }) => manager.timers.function),

  'http edge ServerErrors': [
    { title: 'answers with 5xx in three minutes', goesOff: true, metrics: serverErrors([3, 4, 5]) },
    { title: 'one every ten minutes', goesOff: true, metrics: serverErrors(EACH_TEN_MINUTES) },
    { title: 'answers with 5xx in two minutes', goesOff: false, metrics: serverErrors([3, 4]) },
    { title: 'no answers with 5xx', goesOff: false, metrics: serverErrors([]) },
  ],
  'http edge Latency': [
    { title: 'slow answers in five minutes', goesOff: true, metrics: latency(60_000, [1, 2, 3, 4, 5]) },
    { title: 'slow answers in four minutes', goesOff: false, metrics: latency(60_000, [1, 2, 3, 4]) },
    { title: 'fast answers', goesOff: false, metrics: latency(20, HOUR) },
  ],
  'http edge ClientLimitUnavailable': [
    { title: 'a request that is not counted, in three minutes', goesOff: true, metrics: requests(false, [3, 4, 5]) },
    { title: 'one in two minutes', goesOff: false, metrics: requests(false, [3, 4]) },
    { title: 'requests that are counted', goesOff: false, metrics: requests(true, HOUR) },
  ],

  'webhook Refused': [
    { title: 'one refusal in three minutes', goesOff: true, metrics: answers(REFUSED, [3, 4, 5]) },
    { title: 'one refusal in two minutes', goesOff: false, metrics: answers(REFUSED, [3, 4]) },
    { title: 'duplicates', goesOff: false, metrics: answers(DUPLICATE, HOUR) },
  ],
  'webhook SecretUnreadable': [
    { title: 'one request without a readable secret', goesOff: true, metrics: answers(SECRET_UNREADABLE, [30]) },
    { title: 'another reason to answer 503', goesOff: false, metrics: answers(COMMIT_FAILED, HOUR) },
  ],
  'webhook Unavailable': [
    { title: 'one answer with 503 in three minutes', goesOff: true, metrics: answers(COMMIT_FAILED, [3, 4, 5]) },
    { title: 'one answer with 503 in two minutes', goesOff: false, metrics: answers(COMMIT_FAILED, [3, 4]) },
    { title: 'refusals', goesOff: false, metrics: answers(REFUSED, HOUR) },
  ],

  'sync Parked': [
    { title: 'one record', goesOff: true, metrics: syncs(outcome('parked'), [30]) },
    { title: 'records that were taken', goesOff: false, metrics: syncs(outcome('created'), HOUR) },
  ],
  'sync CredentialsRefused': [
    { title: 'one run', goesOff: true, metrics: syncs(refusedWith('EXTERNAL_UNAUTHORIZED'), [30]) },
    { title: 'runs that failed for another reason', goesOff: false, metrics: syncs(refusedWith('SYNC_STUCK'), HOUR) },
  ],
  'sync ApprovalDue': [
    { title: 'one run', goesOff: true, metrics: syncs((telemetry) => telemetry.approvalDue(RUN, 11), [30]) },
    { title: 'one that waits', goesOff: true, metrics: ticks({ minutesAgo: 20, isApproved: false }, [30]) },
    { title: 'ticks that find none', goesOff: false, metrics: ticks({ minutesAgo: 20 }, HOUR) },
  ],
  'sync SyncLag': [
    { title: 'a run of 46 minutes', goesOff: true, metrics: syncs(endedAfter(46), [30]) },
    { title: 'runs of 45 minutes', goesOff: false, metrics: syncs(endedAfter(45), HOUR) },
  ],
  'sync Overdue': [
    { title: 'one subscription after an hour', goesOff: true, metrics: ticks({ minutesAgo: 60 }, span(0, 120)) },
    { title: 'no tick', goesOff: true, metrics: () => [] },
    { title: 'ticks that find none', goesOff: false, metrics: ticks({ minutesAgo: 59 }, span(0, 120)) },
  ],
  'sync TickErrorsOrThrottles': errorsOrThrottles(({ engine }) => tickOf(engine)),

  'function ErrorsOrThrottles': errorsOrThrottles(({ placeOrder }) => placeOrder),
  'function CrossTenantWork': crossTenant,

  'table Throttles': [
    ...throttles('ReadThrottleEvents', ({ readModel }) => [tableName(readModel.table)]),
    ...throttles('WriteThrottleEvents', ({ readModel }) => [tableName(readModel.table)]),
    ...throttles('ReadThrottleEvents', ({ readModel }) => [tableName(readModel.table), 'byStatus'], ' of an index'),
    ...throttles('WriteThrottleEvents', ({ readModel }) => [tableName(readModel.table), 'byStatus'], ' of an index'),
  ],
};

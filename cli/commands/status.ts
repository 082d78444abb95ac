import type { GroupPause } from '../../lib/consumer/index.ts';
import { type ConsumerStatus, type EnvironmentStatus, PUBLISHERS, readStatus } from '../../lib/operations/index.ts';
import type { EpochMs } from '../../lib/shared/time.ts';
import type { Arguments } from '../../local/start/arguments.ts';
import { columns } from '../../local/view/columns.ts';
import { COMMON, defineCommand } from '../command.ts';
import type { ExitStatus, Operation } from '../operation.ts';
import { ageText, jsonText, timeText } from '../wording.ts';

const DEFAULT_WATCH_SECONDS = 5;

export interface StatusOptions {
  readonly consumer: string | undefined;
  /** Undefined: once. */
  readonly everySeconds: number | undefined;
}

export const statusCommand = defineCommand({
  name: 'status',
  usage: 'status [--consumer NAME] [--watch [--every SECONDS]]',
  text: 'one screen for an environment: what is pending, queued, failing, held and paused',
  more: [
    'PENDING counts events that are committed and not published; a relay that works leaves them for a second or so.',
    'QUEUE and IN FLIGHT are approximate, as SQS counts them. Counts of failures and groups stop at 10,000.',
  ],
  options: {
    consumer: { value: 'NAME', text: 'only this consumer' },
    watch: { text: 'show it again and again, until Ctrl-C; with --json one line each time' },
    every: { value: 'SECONDS', text: `how often with --watch, 1 to 3600 (default: ${DEFAULT_WATCH_SECONDS})` },
    ...COMMON,
  },
  rights: [
    { on: 'pending', actions: ['dynamodb:Scan'] },
    { on: 'inbox', actions: ['dynamodb:GetItem', 'dynamodb:BatchGetItem'] },
    { on: 'inbox-indexes', actions: ['dynamodb:Query'] },
    { on: 'cursors', actions: ['dynamodb:BatchGetItem'] },
    { on: 'cursors-indexes', actions: ['dynamodb:Query'] },
    { on: 'queues', actions: ['sqs:GetQueueAttributes'] },
    { on: 'dead-letter-queues', actions: ['sqs:GetQueueAttributes'] },
    { on: 'undeliverable-queues', actions: ['sqs:GetQueueAttributes'] },
  ],
  read: readStatusOptions,
  run: status,
});

function readStatusOptions(given: Arguments): StatusOptions {
  const every = given.number('every', { min: 1, max: 3_600, whole: false });
  const watches = given.has('watch');
  if (every !== undefined && !watches) given.refuse('--every needs --watch');
  return { consumer: given.text('consumer'), everySeconds: watches ? (every ?? DEFAULT_WATCH_SECONDS) : undefined };
}

const CLEAR_SCREEN = '\u001b[2J\u001b[H';

export async function status({ consumer, everySeconds }: StatusOptions, operation: Operation): Promise<ExitStatus> {
  const { console, json, pending, clock, sleep, environmentName } = operation;
  const operated = consumer === undefined ? operation.consumers : [operation.consumer(consumer)];
  const consumers = operated.map(({ name, depths, failures, handled, pause, strict }) => ({
    ...{ name, depths, failures, handled, pause: pause.store },
    cursors: strict?.cursors,
    groups: strict,
  }));
  const publishers = {
    relay: operation.publishers.relay.pause.store,
    sweeper: operation.publishers.sweeper.pause.store,
  };
  for (;;) {
    const now = await readStatus({ pending, publishers, consumers, clock }, new AbortController().signal);
    if (json) console.line(jsonText({ environment: environmentName, ...now }));
    else {
      if (everySeconds !== undefined && console.isTerminal) console.line(CLEAR_SCREEN);
      for (const line of statusText(now, environmentName)) console.line(line);
    }
    if (everySeconds === undefined) return 0;
    await sleep(everySeconds * 1_000);
  }
}

const HEADINGS = [
  ...['CONSUMER', 'QUEUE', 'IN FLIGHT', 'DEAD', 'UNDELIVERABLE'],
  ...['RETRYING', 'DEFERRED', 'HELD GROUPS', 'WAIT', 'PAUSED'],
];

function statusText({ at, outbox, consumers }: EnvironmentStatus, environmentName: string): readonly string[] {
  const { pending, quarantined, oldestPendingAt, paused } = outbox;
  const oldest = oldestPendingAt === undefined ? '' : `, the oldest for ${ageText(oldestPendingAt, at)}`;
  const facts = [
    ['environment', environmentName],
    ['at', timeText(at)],
    ['pending', `${countText(pending.count, pending.isCut)}${oldest}`],
    ['quarantined', String(quarantined)],
    ...PUBLISHERS.flatMap((name) => pausedFact(name, paused[name], at)),
  ];
  return columns([...facts, []]).concat(columns([HEADINGS, ...consumers.map((each) => rowOf(each, at))]));
}

const pausedFact = (name: string, pause: GroupPause | undefined, now: EpochMs): readonly (readonly string[])[] =>
  pause === undefined ? [] : [[name, `paused by ${pause.by} for ${ageText(pause.since, now)}: ${pause.reason}`]];

function rowOf(consumer: ConsumerStatus, now: EpochMs): readonly string[] {
  const { name, queue, deadLetters, undeliverable, failing, groups } = consumer;
  const since = groups?.oldestSince;
  return [
    name,
    ...[queue.visible, queue.inFlight, deadLetters, undeliverable].map(String),
    countText(failing.retrying, failing.isCut),
    countText(failing.deferred, failing.isCut),
    groups === undefined ? '' : countText(groups.held, groups.isCut),
    since === undefined ? '' : ageText(since, now),
    pausedText(consumer),
  ];
}

const pausedText = ({ pause, groups }: ConsumerStatus): string => {
  if (pause !== undefined) return 'all';
  return groups === undefined ? '' : countText(groups.paused, groups.isCut);
};

const countText = (count: number, isCut: boolean): string => (isCut ? `${count} or more` : String(count));

import { type ConsumerStatus, type EnvironmentStatus, readStatus } from '../lib/operations/index.ts';
import type { EpochMs } from '../lib/shared/time.ts';
import { columns } from '../local/view/columns.ts';
import type { StatusOptions } from './command-line.ts';
import type { ExitStatus, Operation } from './operation.ts';
import { ageText, jsonText, timeText } from './wording.ts';

const CLEAR_SCREEN = '\u001b[2J\u001b[H';

export async function status({ consumer, everySeconds }: StatusOptions, operation: Operation): Promise<ExitStatus> {
  const { console, json, pending, clock, sleep, environmentName } = operation;
  const operated = consumer === undefined ? operation.consumers : [operation.consumer(consumer)];
  const consumers = operated.map(({ name, depths, failures, handled, pause, strict }) => ({
    ...{ name, depths, failures, handled, pause: pause.store },
    cursors: strict?.cursors,
    groups: strict,
  }));
  for (;;) {
    const now = await readStatus({ pending, consumers, clock }, new AbortController().signal);
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
  const { pending, quarantined, oldestPendingAt } = outbox;
  const oldest = oldestPendingAt === undefined ? '' : `, the oldest for ${ageText(oldestPendingAt, at)}`;
  const facts = [
    ['environment', environmentName],
    ['at', timeText(at)],
    ['pending', `${countText(pending.count, pending.isCut)}${oldest}`],
    ['quarantined', String(quarantined)],
  ];
  return columns([...facts, []]).concat(columns([HEADINGS, ...consumers.map((each) => rowOf(each, at))]));
}

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

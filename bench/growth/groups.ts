import { createConsumer, handlersFor } from '../../lib/consumer/index.ts';
import { defineSubscription, ENV } from '../../lib/definitions/index.ts';
import { createConsumerRuntime } from '../../lib/runtime/consumer-runtime.ts';
import { lambdaContext } from '../../test/fixtures/lambda-context.ts';
import { Happened } from '../app/events.ts';
import { functionEnvironment } from '../app/function-environment.ts';
import { type BenchRun, startBenchRun } from '../app/start-app.ts';
import type { BenchContext } from '../area.ts';
import { createBenchConsumer, messageOf } from '../consumer/bench-consumer.ts';
import { createGroupLog } from '../consumer/group-log.ts';
import { observeCalls } from '../cost/observe-calls.ts';
import { cpuMsOf, liveHeapMiB, millisecondsOf } from '../measure.ts';
import { type Figure, figure, type Report, type Table } from '../report.ts';

const SIZES = [1, 10, 1_000, 100_000] as const;
/** 100,000 events within the log's retention. */
const APART_MS = 20_000;
/** Clocks of producers may differ by a minute, so a start reads all events of the minute before it. */
const IN_THE_MINUTE_BEFORE = 10_000;
const STARTS: readonly Past[] = [
  ...SIZES.map((events) => ({ events, apartMs: APART_MS })),
  { events: IN_THE_MINUTE_BEFORE, apartMs: 0 },
];
/** A start reads a few items, whatever the group's size; one more if there is an event before it. */
const FLAT_RATIO = 1.25;

/** What a group holds before a consumer starts. */
interface Past {
  readonly events: number;
  /** Between the commits of two of them; the last one is that old. */
  readonly apartMs: number;
}

interface Start extends Past {
  readonly calls: number;
  readonly ms: number;
  /** Of the engines and everything else in this process. */
  readonly heapMiB: number;
}

interface CatchUp {
  readonly events: number;
  readonly cpuMsPerEvent: number;
  /** More than before, after all is handled and the fakes are empty. */
  readonly grownMiB: number;
}

/** What a group's length costs a new consumer that takes what is published from its start on, over the engines. */
export async function measureGroupStarts(context: BenchContext): Promise<Report> {
  const starts = await measureStarts(context);
  return { figures: startFigures(starts), tables: [startTable(starts)] };
}

/** What it costs a new consumer that takes the group from its first event on, over fakes in this process. */
export async function measureGroupCatchUps(context: BenchContext): Promise<Report> {
  const catchUps = await measureCatchUps(context);
  return { figures: catchUpFigures(catchUps), tables: [catchUpTable(catchUps)] };
}

/**
 * Over the engines: the log holds the whole group, and a consumer that takes what is published from now on gets its first
 * event of it.
 */
async function measureStarts({ progress }: BenchContext): Promise<readonly Start[]> {
  const calls = observeCalls();
  await using bench = await startBenchRun({
    ordering: 'strict',
    consumers: 1,
    intercept: calls.intercept,
    // it would publish what the relay is kept from
    without: ['BenchHub/Hub/Sweeper/Schedule'],
  });
  // the consumer is this process
  await bench.setEnabled('relay', false);
  await bench.setEnabled('consumers', false);
  const environment = await functionEnvironment(bench, 'consumer-1');
  // the SDK reads them where clients are built
  Object.assign(process.env, environment);
  await startOn(bench, environment, 'warm-up', { events: 1, apartMs: APART_MS });
  const starts: Start[] = [];
  for (const past of STARTS) {
    progress(`a group of ${pastShown(past)}`);
    const ready = await prepare(bench, environment, `of-${past.events}-${past.apartMs}`, past);
    calls.reset();
    const ms = await millisecondsOf(ready);
    starts.push({ ...past, calls: calls.count(), ms, heapMiB: await liveHeapMiB() });
  }
  return starts;
}

const startOn = async (bench: BenchRun, environment: NodeJS.ProcessEnv, name: string, past: Past) => {
  const ready = await prepare(bench, environment, name, past);
  await ready();
};

/** Fills a group, deploys a consumer, publishes one event more. @returns what handles that event */
async function prepare(
  bench: BenchRun,
  environment: NodeJS.ProcessEnv,
  name: string,
  { events, apartMs }: Past,
): Promise<() => Promise<void>> {
  const load = {
    ...bench.connection,
    outboxTableName: bench.tableName('Outbox'),
    pendingTableName: bench.tableName('Pending'),
    accountId: name,
  };
  await bench.client.run('fillGroup', { ...load, events, apartMs });
  const startFrom = new Date(Date.now() + 1).toISOString();
  await bench.client.run('fillGroup', { ...load, events: 1 });

  const subscription = defineSubscription({ name, events: [Happened], startFrom });
  const runtime = createConsumerRuntime(subscription, { ...environment, [ENV.serviceName]: name });
  const handled: string[] = [];
  const handler = createConsumer(
    handlersFor(subscription, { [Happened.type]: ({ sequence }) => void handled.push(sequence) }),
    runtime,
  );
  const group = `account#${name}`;
  const [entry] = (await runtime.strict?.log.read(group, events, events + 1)) ?? [];
  if (entry?.kind !== 'event') throw new Error(`the log of ${group} has no event ${events + 1}`);
  const message = { ...messageOf(0, 1), body: entry.body };
  const record = { ...message, attributes: { ...message.attributes, MessageGroupId: group } };
  return async () => {
    const { batchItemFailures } = await handler({ Records: [record] }, lambdaContext());
    if (batchItemFailures.length > 0 || handled.length !== 1) {
      throw new Error(`${group}: ${handled.length} events were handled, ${batchItemFailures.length} given back`);
    }
  };
}

/** In this process, over fakes without latency: the consumer takes the group from its first event on. */
async function measureCatchUps({ progress }: BenchContext): Promise<readonly CatchUp[]> {
  const catchUps: CatchUp[] = [];
  for (const [index, events] of [SIZES[2], ...SIZES].entries()) {
    progress(`from the first of ${events.toLocaleString('en')} events on, over fakes`);
    let handled = 0;
    const onHappened = () => {
      handled += 1;
    };
    const consumer = createBenchConsumer('strict', onHappened, createGroupLog(index, events));
    const before = await liveHeapMiB();
    // a single notification, of the last event
    const cpuMs = await cpuMsOf(() => consumer.handle({ Records: [messageOf(index, events)] }));
    if (handled !== events) throw new Error(`${handled} of ${events} events were handled`);
    consumer.forget();
    const grownMiB = (await liveHeapMiB()) - before;
    // the first is a warm-up
    if (index > 0) catchUps.push({ events, cpuMsPerEvent: cpuMs / events, grownMiB });
  }
  return catchUps;
}

const shown = (events: number): string => events.toLocaleString('en');

const pastShown = ({ events, apartMs }: Past): string =>
  apartMs > 0 ? shown(events) : `${shown(events)}, all in the minute before`;

function startFigures(starts: readonly Start[]): readonly Figure[] {
  const [first, ...others] = starts.filter(({ apartMs }) => apartMs > 0);
  const last = others.at(-1);
  if (first === undefined || last === undefined) throw new Error('nothing was measured');
  return [
    figure({
      name: `a new consumer's first event of a group of ${shown(last.events)}`,
      value: last.calls,
      unit: 'calls',
      beside: { what: `of a group of ${shown(first.events)}`, value: first.calls },
      reach: { most: FLAT_RATIO },
    }),
  ];
}

function catchUpFigures(catchUps: readonly CatchUp[]): readonly Figure[] {
  const base = catchUps.at(-2);
  const last = catchUps.at(-1);
  if (base === undefined || last === undefined) throw new Error('nothing was measured');
  return [
    figure({
      name: `a consumer that takes a group of ${shown(last.events)} from its first event on`,
      value: last.cpuMsPerEvent,
      unit: 'ms of CPU per event, over fakes',
      beside: { what: `a group of ${shown(base.events)}`, value: base.cpuMsPerEvent },
      reach: { most: 1.1 },
    }),
  ];
}

const startTable = (starts: readonly Start[]): Table => ({
  title: 'over the engines: the first event of a new consumer that takes what is published from its start on',
  head: ['events in the group', 'calls', 'ms', 'heap of the process, MiB'],
  rows: starts.map((start) => [pastShown(start), start.calls, start.ms, start.heapMiB]),
});

const catchUpTable = (catchUps: readonly CatchUp[]): Table => ({
  title: 'over fakes: a new consumer that takes the group from its first event on',
  head: ['events in the group', 'ms of CPU per event', 'heap grown, MiB'],
  rows: catchUps.map(({ events, cpuMsPerEvent, grownMiB }) => [shown(events), cpuMsPerEvent, grownMiB]),
});

import { setTimeout } from 'node:timers/promises';
import { type Claim, METRIC, type Ordering } from '../../lib/definitions/index.ts';
import { type BenchRun, startBenchRun } from '../app/start-app.ts';
import { type HopCost, hopCosts } from './hops.ts';
import { observeCalls } from './observe-calls.ts';

export interface Scenario {
  readonly ordering: Ordering;
  readonly consumers: number;
  /** When they claim an event. @default 'commit' */
  readonly claim?: Claim;
  readonly eventBytes: number;
  /** `tens`: everything waits until all is there, so that every batch is full; `single`: each event travels alone. */
  readonly batching: 'tens' | 'single';
  /** Whether events are stored compressed where that saves a write unit. @default true */
  readonly compressEvents?: boolean;
}

export interface ScenarioCosts {
  readonly events: number;
  readonly costs: readonly HopCost[];
  /** Consumers' records per invocation. */
  readonly consumerBatch: number;
  readonly failures: readonly string[];
}

const GROUPS = 40;
const EVENTS = 200;
const SINGLE_EVENTS = 20;
const CONCURRENCY = 10;

/** Strict with sequences from the outbox, fifo with the aggregate's own versions; the groups exist already. */
export async function costsOf({
  ordering,
  consumers,
  claim,
  eventBytes,
  batching,
  compressEvents = true,
}: Scenario): Promise<ScenarioCosts> {
  const calls = observeCalls();
  await using bench = await startBenchRun({
    ordering,
    consumers,
    ...(claim === undefined ? {} : { claim }),
    intercept: calls.intercept,
  });
  const sequences = ordering === 'strict' ? 'outbox' : 'aggregate';
  const publishing = {
    groups: GROUPS,
    concurrency: CONCURRENCY,
    eventBytes,
    compressEvents,
    sequences,
    name: 'groups',
  } as const;
  await bench.publish({ ...publishing, events: GROUPS });
  await bench.settle();
  calls.reset();
  bench.reset();

  const events = batching === 'tens' ? EVENTS : SINGLE_EVENTS;
  if (batching === 'tens') {
    await inFullBatches(bench, events * consumers, () => bench.publish({ ...publishing, events, firstSequence: 2 }));
  } else {
    for (let number = 0; number < events; number++) {
      await bench.publish({ ...publishing, groups: 1, events: 1, firstSequence: number + 2 });
      await bench.settle();
    }
  }
  const handled = bench.metrics().count(METRIC.eventsHandled);
  if (handled !== events * consumers) throw new Error(`${handled} of ${events * consumers} events were handled`);
  const uses = [...bench.invocations.uses()].filter(([name]) => bench.functionLabel(name) !== 'relay');
  const invocations = uses.reduce((sum, [, use]) => sum + use.invocations, 0);
  return {
    events,
    costs: hopCosts(bench, calls),
    consumerBatch: handled / invocations,
    failures: [...calls.failures()].map(([failure, count]) => `${count} × ${failure}`),
  };
}

/** Publishes, then relays all of it, then lets the consumers take it. */
export async function inFullBatches(bench: BenchRun, messages: number, publish: () => Promise<unknown>): Promise<void> {
  await bench.setEnabled('consumers', false);
  await bench.setEnabled('relay', false);
  await publish();
  await bench.setEnabled('relay', true);
  await queued(bench, messages);
  await bench.setEnabled('consumers', true);
  await bench.settle();
}

const LOOK_EVERY_MS = 20;
const LONGEST_WAIT_MS = 60_000;

/** A queue that nobody reads never settles: waits until the messages lie there. */
export async function queued(bench: BenchRun, messages: number): Promise<void> {
  const visible = () => bench.run.sqs.depths().reduce((sum, depth) => sum + depth.visible, 0);
  const giveUpAt = performance.now() + LONGEST_WAIT_MS;
  while (visible() < messages) {
    if (performance.now() > giveUpAt) throw new Error(`${visible()} of ${messages} messages reached their queues`);
    await setTimeout(LOOK_EVERY_MS);
  }
}

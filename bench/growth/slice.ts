import { METRIC } from '../../lib/definitions/index.ts';
import type { BenchRun } from '../app/start-app.ts';
import { hopCosts, usdPerMillion } from '../cost/hops.ts';
import type { Calls } from '../cost/observe-calls.ts';
import { millisecondsOf } from '../measure.ts';

/** What some events took, from their commits to all their effects. */
export interface Slice {
  readonly eventsPerSecond: number;
  /** Engines and functions together, which share a process; the producer has its own. */
  readonly cpuMsPerEvent: number;
  readonly usdPerMillion: number;
  /** Of it what each consumer adds, on average. */
  readonly usdPerConsumer: number;
}

export async function measureSlice(
  bench: BenchRun,
  calls: Calls,
  { events, groups, consumers }: { readonly events: number; readonly groups: number; readonly consumers: number },
): Promise<Slice> {
  calls.reset();
  bench.reset();
  const before = process.cpuUsage();
  const elapsedMs = await millisecondsOf(async () => {
    await bench.publish({ events, groups, concurrency: 16, eventBytes: 1_000, sequences: 'outbox' });
    await bench.settle();
  });
  const { user, system } = process.cpuUsage(before);
  const handled = bench.metrics().count(METRIC.eventsHandled);
  if (handled !== events * consumers) throw new Error(`${handled} of ${events * consumers} events were handled`);
  // durations and batch sizes change with the machine's load: not what grows with the number of events
  const costs = hopCosts(bench, calls).filter(({ billed }) => billed.startsWith('dynamoDb'));
  const ofConsumers = costs.filter(({ hop }) => hop === 'consumer');
  return {
    eventsPerSecond: (1000 * events) / elapsedMs,
    cpuMsPerEvent: (user + system) / 1000 / events,
    usdPerMillion: usdPerMillion(costs, events),
    usdPerConsumer: usdPerMillion(ofConsumers, events) / consumers,
  };
}

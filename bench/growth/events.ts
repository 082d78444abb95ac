import { startBenchRun } from '../app/start-app.ts';
import type { BenchContext } from '../area.ts';
import { observeCalls } from '../cost/observe-calls.ts';
import { quantile } from '../measure.ts';
import { type Figure, figure, type Report, type Table } from '../report.ts';
import { measureSlice, type Slice } from './slice.ts';

const SLICE = 1_000;
const GROUPS = 100;
/** At each, the last three slices are looked at. */
const MILESTONES = [3_000, 10_000, 30_000, 100_000] as const;
const LOOKED_AT = 3;
/** Past this, no further milestone is begun that would take longer than what is left. */
const TIME_LIMIT_MS = 240_000;
const FLAT = { least: 0.9, most: 1.1 } as const;

/** Whether the thousandth event costs what the hundred-thousandth does. */
export async function measureEventGrowth({ progress }: BenchContext): Promise<Report> {
  const calls = observeCalls();
  await using bench = await startBenchRun({ ordering: 'strict', consumers: 1, intercept: calls.intercept });
  const slice = () => measureSlice(bench, calls, { events: SLICE, groups: GROUPS, consumers: 1 });
  progress('warm-up');
  await slice();

  const startedAt = performance.now();
  const slices: Slice[] = [];
  const rows: { readonly events: number; readonly median: Slice }[] = [];
  for (const milestone of MILESTONES) {
    const perSliceMs = slices.length === 0 ? 0 : (performance.now() - startedAt) / slices.length;
    const endsAt = performance.now() - startedAt + perSliceMs * (milestone / SLICE - slices.length);
    if (endsAt > TIME_LIMIT_MS) break;
    progress(`up to ${milestone} events`);
    while (slices.length * SLICE < milestone) slices.push(await slice());
    rows.push({ events: milestone, median: medianSlice(slices.slice(-LOOKED_AT)) });
  }
  const [first] = rows;
  const last = rows.at(-1);
  if (first === undefined || last === undefined) throw new Error('nothing was measured');
  const beside = (value: number) => ({ what: `up to ${first.events} events`, value });
  const from = `at ${last.events} events`;
  const table: Table = {
    title: `strict, one consumer, ${GROUPS} new groups per ${SLICE} events`,
    head: ['events', 'events per second', 'CPU ms per event', 'DynamoDB USD per million'],
    rows: rows.map(({ events, median }) => [
      events,
      median.eventsPerSecond,
      median.cpuMsPerEvent,
      median.usdPerMillion,
    ]),
  };
  return { figures: figuresOf(from, last.median, first.median, beside), tables: [table] };
}

const figuresOf = (
  from: string,
  last: Slice,
  first: Slice,
  beside: (value: number) => Figure['beside'],
): readonly Figure[] => [
  figure({
    name: `throughput ${from}`,
    value: last.eventsPerSecond,
    unit: 'events per second',
    beside: beside(first.eventsPerSecond),
    reach: { least: FLAT.least },
  }),
  figure({
    name: `CPU ${from}`,
    value: last.cpuMsPerEvent,
    unit: 'ms per event, engines and functions',
    beside: beside(first.cpuMsPerEvent),
    reach: { most: FLAT.most },
  }),
  figure({
    name: `DynamoDB cost ${from}`,
    value: last.usdPerMillion,
    unit: 'USD per million events',
    beside: beside(first.usdPerMillion),
    reach: { most: FLAT.most },
  }),
];

const medianSlice = (slices: readonly Slice[]): Slice => {
  const median = (read: (slice: Slice) => number) => quantile(slices.map(read), 0.5);
  return {
    eventsPerSecond: median((slice) => slice.eventsPerSecond),
    cpuMsPerEvent: median((slice) => slice.cpuMsPerEvent),
    usdPerMillion: median((slice) => slice.usdPerMillion),
    usdPerConsumer: median((slice) => slice.usdPerConsumer),
  };
};

import { startBenchRun } from '../app/start-app.ts';
import type { BenchContext } from '../area.ts';
import { observeCalls } from '../cost/observe-calls.ts';
import { figure, type Report, type Table } from '../report.ts';
import { measureSlice, type Slice } from './slice.ts';

const COUNTS = [1, 5, 20] as const;
/** The same for any number of consumers, so that each one's code has run as often when it is measured. */
const EVENTS = 400;
const GROUPS = 40;
const MIB = 1024 * 1024;
const FLAT = { least: 0.9, most: 1.1 } as const;
/** The least that a mapping can be given: 20 consumers share two cores. */
const MAX_CONCURRENCY = 2;

interface Row {
  readonly consumers: number;
  readonly slice: Slice;
  /** Of the process: engines, and the environments of all functions. */
  readonly residentMiB: number;
}

const deliveriesPerSecond = ({ consumers, slice }: Row): number => slice.eventsPerSecond * consumers;
const cpuMsPerDelivery = ({ consumers, slice }: Row): number => slice.cpuMsPerEvent / consumers;

/** Whether the twentieth consumer costs what the first does. */
export async function measureConsumerGrowth({ progress }: BenchContext): Promise<Report> {
  const rows: Row[] = [];
  for (const consumers of COUNTS) {
    progress(`${consumers} consumers`);
    const calls = observeCalls();
    await using bench = await startBenchRun({
      ordering: 'strict',
      consumers,
      maxConcurrency: MAX_CONCURRENCY,
      intercept: calls.intercept,
    });
    const measure = () => measureSlice(bench, calls, { events: EVENTS, groups: GROUPS, consumers });
    await measure();
    const slice = await measure();
    rows.push({ consumers, slice, residentMiB: process.memoryUsage().rss / MIB });
  }
  const [first] = rows;
  const last = rows.at(-1);
  if (first === undefined || last === undefined) throw new Error('nothing was measured');
  const table: Table = {
    title: `strict, ${EVENTS} events to each consumer, ${GROUPS} new groups`,
    head: [
      'consumers',
      'deliveries per second',
      'CPU ms per delivery',
      'DynamoDB USD per million, per consumer',
      'resident MiB',
    ],
    rows: rows.map((row) => [
      row.consumers,
      deliveriesPerSecond(row),
      cpuMsPerDelivery(row),
      row.slice.usdPerConsumer,
      row.residentMiB,
    ]),
  };
  const beside = (value: number) => ({ what: 'with one consumer', value });
  const withAll = `with ${last.consumers} consumers`;
  return {
    figures: [
      figure({
        name: `throughput ${withAll}`,
        value: deliveriesPerSecond(last),
        unit: 'deliveries per second',
        beside: beside(deliveriesPerSecond(first)),
        reach: { least: FLAT.least },
      }),
      figure({
        name: `CPU ${withAll}`,
        value: cpuMsPerDelivery(last),
        unit: 'ms per delivery, engines and functions',
        beside: beside(cpuMsPerDelivery(first)),
        reach: { most: FLAT.most },
      }),
      figure({
        name: `DynamoDB cost of a consumer ${withAll}`,
        value: last.slice.usdPerConsumer,
        unit: 'USD per million events',
        beside: beside(first.slice.usdPerConsumer),
        reach: { most: FLAT.most },
      }),
    ],
    tables: [table],
  };
}

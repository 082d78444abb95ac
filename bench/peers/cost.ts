import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openBenchRun } from '../app/start-app.ts';
import type { BenchContext } from '../area.ts';
import { HOPS, type HopCost, hopCosts, usdPerMillion } from '../cost/hops.ts';
import { observeCalls } from '../cost/observe-calls.ts';
import { inFullBatches } from '../cost/scenario.ts';
import { figure, type Report, type Table } from '../report.ts';
import { assemblyOf, FLOOR, PEERS, type PeerStack } from './stacks.ts';

const KB = 1024;
const EVENTS = 200;
const GROUPS = 40;

interface Price {
  readonly title: string;
  readonly callsPerEvent: number;
  readonly costs: readonly HopCost[];
  readonly bundles: readonly { readonly label: string; readonly kb: number; readonly zippedKb: number }[];
}

/** Calls, USD and bundles of each stack: 1 KB, one consumer, full batches. */
export async function measureCost({ progress }: BenchContext): Promise<Report> {
  const prices: Price[] = [];
  for (const stack of [...PEERS, FLOOR]) {
    progress(stack.title);
    prices.push(await priceOf(stack));
  }
  const floor = prices.at(-1);
  if (floor === undefined) throw new Error('nothing was measured');
  const figures = prices.slice(0, -1).flatMap((price) => [
    figure({
      name: `${price.title}: cost`,
      value: usdOfEvents(price),
      unit: 'USD per million events',
      beside: { what: 'the floor', value: usdOfEvents(floor) },
    }),
    figure({
      name: `${price.title}: billed calls`,
      value: price.callsPerEvent,
      unit: 'per event',
      beside: { what: 'the floor', value: floor.callsPerEvent },
    }),
  ]);
  return { figures, tables: [hopTable(prices), bundleTable(prices)] };
}

async function priceOf(stack: PeerStack): Promise<Price> {
  const calls = observeCalls();
  using assembly = assemblyOf(stack);
  await using bench = await openBenchRun({ assemblyFolder: assembly.path, intercept: calls.intercept });
  const publishing = { groups: GROUPS, concurrency: 10, eventBytes: KB, name: 'groups' };
  await stack.publish(bench, { ...publishing, events: GROUPS });
  await bench.settle();
  calls.reset();
  bench.reset();
  await inFullBatches(bench, EVENTS, () => stack.publish(bench, { ...publishing, events: EVENTS, firstSequence: 2 }));
  const bundles = bench.run.deployment.functions
    .map(({ functionName, codeFolder }) => ({ label: bench.functionLabel(functionName), folder: codeFolder }))
    .filter(({ label }) => label === 'relay' || label === 'consumer-1')
    .map(({ label, folder }) => {
      const file = join(folder, 'index.mjs');
      return { label, kb: statSync(file).size / KB, zippedKb: gzipSync(readFileSync(file)).length / KB };
    });
  return { title: stack.title, callsPerEvent: calls.count() / EVENTS, costs: hopCosts(bench, calls), bundles };
}

/** Logs are left out: how much to log is each team's own choice. */
const usdOfEvents = ({ costs }: Price): number =>
  usdPerMillion(
    costs.filter(({ hop }) => hop !== 'logs'),
    EVENTS,
  );

/** Measured durations: on a busy machine they are longer than in Lambda. */
const usdOfTime = ({ costs }: Price): number =>
  usdPerMillion(
    costs.filter(({ billed }) => billed === 'lambdaGigabyteSecond'),
    EVENTS,
  );

const hopTable = (prices: readonly Price[]): Table => ({
  title: `1 KB, one consumer, full batches, ${EVENTS} events in ${GROUPS} groups: USD per million events`,
  head: ['stack', 'calls per event', ...HOPS, 'all but logs', 'of it GB-seconds', 'without them'],
  rows: prices.map((price) => [
    price.title,
    price.callsPerEvent,
    ...HOPS.map((hop) =>
      usdPerMillion(
        price.costs.filter((cost) => cost.hop === hop),
        EVENTS,
      ),
    ),
    usdOfEvents(price),
    usdOfTime(price),
    usdOfEvents(price) - usdOfTime(price),
  ]),
});

const bundleTable = (prices: readonly Price[]): Table => ({
  title: 'bundles, minified, with the SDK',
  head: ['stack', 'function', 'KB', 'KB compressed'],
  rows: prices.flatMap(({ title, bundles }) => bundles.map(({ label, kb, zippedKb }) => [title, label, kb, zippedKb])),
});

import { type BenchRun, openBenchRun } from '../app/start-app.ts';
import type { BenchContext } from '../area.ts';
import { quantile } from '../measure.ts';
import { type CpuPerEvent, cpuPerEvent } from '../path/cpu-per-event.ts';
import { figure, type Report, type Table } from '../report.ts';
import { type Effects, watchEffects } from './effects.ts';
import { assemblyOf, FLOOR, PEERS, type PeerStack } from './stacks.ts';

const EVENTS = 1_000;
const GROUPS = 100;
const EVENT_BYTES = 1_000;
const WARM_UPS = 1;
const ROUNDS = 6;

const LATENCY_EVENTS = 400;
const LATENCY_GROUPS = 4;
/** Of each group: 40 events a second in all. */
const LATENCY_PAUSE_MS = 100;

interface Pass extends CpuPerEvent {
  readonly perSecond: number;
}

/** A stack at work beside the others: those whose turn it is not wait, and cost next to nothing. */
interface Contender {
  readonly stack: PeerStack;
  readonly bench: BenchRun;
  readonly effects: Effects;
  readonly passes: Pass[];
  readonly latenciesMs: number[];
}

/** Throughput, CPU and latency of all stacks, in turns in one process. */
export async function measureSpeed({ progress }: BenchContext): Promise<Report> {
  await using opened = new AsyncDisposableStack();
  const contenders: Contender[] = [];
  for (const stack of [...PEERS, FLOOR]) {
    progress(`starting: ${stack.title}`);
    const { path: assemblyFolder } = opened.use(assemblyOf(stack));
    const bench = opened.use(await openBenchRun({ assemblyFolder }));
    const effects = opened.use(watchEffects(bench.run, bench.tableName('Table')));
    contenders.push({ stack, bench, effects, passes: [], latenciesMs: [] });
  }
  for (let round = 0; round < WARM_UPS + ROUNDS; round++) {
    progress(`round ${round + 1} of ${WARM_UPS + ROUNDS}, ${EVENTS} events each`);
    // in both directions, so that what drifts meets all alike
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const pass = await passOf(contender, round);
      if (round >= WARM_UPS) contender.passes.push(pass);
    }
  }
  for (const contender of contenders) {
    progress(`${(LATENCY_GROUPS * 1000) / LATENCY_PAUSE_MS} events a second: ${contender.stack.title}`);
    contender.latenciesMs.push(...(await latenciesOf(contender)));
  }
  return reportOf(contenders);
}

async function passOf({ stack, bench, effects }: Contender, round: number): Promise<Pass> {
  effects.reset();
  const startedAt = performance.now();
  const cpu = await cpuPerEvent(bench, EVENTS, async () => {
    const publishMs = await stack.publish(bench, {
      events: EVENTS,
      groups: GROUPS,
      concurrency: 16,
      eventBytes: EVENT_BYTES,
      name: `round-${round}`,
    });
    await bench.settle();
    return publishMs;
  });
  const endedAt = assertAllHandled(effects, EVENTS);
  return { ...cpu, perSecond: (1000 * EVENTS) / (endedAt - startedAt) };
}

async function latenciesOf({ stack, bench, effects }: Contender): Promise<readonly number[]> {
  effects.reset();
  await stack.publish(bench, {
    events: LATENCY_EVENTS,
    groups: LATENCY_GROUPS,
    concurrency: LATENCY_GROUPS,
    eventBytes: EVENT_BYTES,
    pauseMs: LATENCY_PAUSE_MS,
    name: 'paced',
  });
  await bench.settle();
  assertAllHandled(effects, LATENCY_EVENTS);
  return effects.list().map(({ latencyMs }) => latencyMs);
}

/** @returns when the last effect was committed */
function assertAllHandled(effects: Effects, events: number): number {
  const list = effects.list();
  if (list.length !== events) throw new Error(`${list.length} of ${events} events had an effect`);
  return list.at(-1)?.at ?? 0;
}

function reportOf(contenders: readonly Contender[]): Report {
  const rows = contenders.map(({ stack, passes, latenciesMs }) => {
    const median = (read: (pass: Pass) => number) => quantile(passes.map(read), 0.5);
    return {
      title: stack.title,
      perSecond: median(({ perSecond }) => perSecond),
      cpuMs: median(({ engines, functions, producer }) => engines + functions + producer),
      engines: median(({ engines }) => engines),
      functions: median(({ functions }) => functions),
      producer: median(({ producer }) => producer),
      p50: quantile(latenciesMs, 0.5),
      p99: quantile(latenciesMs, 0.99),
    };
  });
  const floor = rows.at(-1);
  if (floor === undefined) throw new Error('nothing was measured');
  const table: Table = {
    title: `medians of ${ROUNDS} alternating rounds of ${EVENTS} events; latency over ${LATENCY_EVENTS} events`,
    head: ['stack', 'events/s', 'CPU ms', 'engines', 'functions', 'producer', 'p50 ms', 'p99 ms'],
    rows: rows.map((row) => [
      row.title,
      row.perSecond,
      row.cpuMs,
      row.engines,
      row.functions,
      row.producer,
      row.p50,
      row.p99,
    ]),
  };
  const figures = rows.slice(0, -1).flatMap((row) => [
    figure({
      name: `${row.title}: throughput`,
      value: row.perSecond,
      unit: 'events per second',
      beside: { what: 'the floor', value: floor.perSecond },
    }),
    figure({
      name: `${row.title}: CPU per event, all processes`,
      value: row.cpuMs,
      unit: 'ms',
      beside: { what: 'the floor', value: floor.cpuMs },
    }),
    figure({
      name: `${row.title}: commit to effect, p99`,
      value: row.p99,
      unit: 'ms',
      beside: { what: 'the floor', value: floor.p99 },
    }),
  ]);
  return { figures, tables: [table] };
}

import { type Claim, METRIC, type Ordering } from '../../lib/definitions/index.ts';
import type { Intercept } from '../../local/faults/intercept.ts';
import { type BenchRun, startBenchRun } from '../app/start-app.ts';
import type { BenchContext } from '../area.ts';
import { quantile } from '../measure.ts';
import { type Figure, figure, type Report } from '../report.ts';
import { type CpuPerEvent, cpuPerEvent } from './cpu-per-event.ts';

const EVENTS = 400;
const GROUPS = 40;
const ROUNDS = 7;

interface Side {
  readonly bench: BenchRun;
  readonly rounds: CpuPerEvent[];
  calls: number;
}

/** What an event takes that its commit claims, beside one that is claimed before its handler: in turns, in one process. */
export async function measureClaims({ progress }: BenchContext): Promise<Report> {
  const figures: Figure[] = [];
  for (const ordering of ['strict', 'fifo'] as const) {
    progress(`${ordering}, ${ROUNDS} rounds of ${EVENTS} events with each claim`);
    figures.push(...(await compare(ordering)));
  }
  return { figures };
}

async function compare(ordering: Ordering): Promise<readonly Figure[]> {
  await using opened = new AsyncDisposableStack();
  const open = async (claim: Claim): Promise<Side> => {
    const side = { rounds: [] as CpuPerEvent[], calls: 0 };
    const intercept: Intercept = (_call, next) => {
      side.calls += 1;
      return next();
    };
    const bench = opened.use(await startBenchRun({ ordering, consumers: 1, claim, intercept }));
    return Object.assign(side, { bench });
  };
  const commit = await open('commit');
  const before = await open('before');
  for (let round = 0; round <= ROUNDS; round++) {
    for (const side of round % 2 === 0 ? [commit, before] : [before, commit]) {
      side.bench.reset();
      if (round === 1) side.calls = 0;
      const cpu = await cpuPerEvent(side.bench, EVENTS, () => publishAndSettle(side.bench, ordering));
      const handled = side.bench.metrics().count(METRIC.eventsHandled);
      if (handled !== EVENTS) throw new Error(`${handled} of ${EVENTS} events were handled`);
      // the first round warms up
      if (round > 0) side.rounds.push(cpu);
    }
  }
  const median = ({ rounds }: Side, ms: (cpu: CpuPerEvent) => number) => quantile(rounds.map(ms), 0.5);
  const functions = ({ functions: ms }: CpuPerEvent) => ms;
  const both = ({ engines, functions: ms }: CpuPerEvent) => engines + ms;
  const callsOf = ({ calls }: Side) => calls / (ROUNDS * EVENTS);
  const beside = (value: number) => ({ what: 'claimed before the handler', value });
  return [
    figure({
      name: `${ordering}: CPU of relay and consumer per event, claimed with the commit`,
      value: median(commit, functions),
      unit: 'ms',
      beside: beside(median(before, functions)),
    }),
    figure({
      name: `${ordering}: the same with the engines`,
      value: median(commit, both),
      unit: 'ms',
      beside: beside(median(before, both)),
    }),
    figure({
      name: `${ordering}: calls per event, claimed with the commit`,
      value: callsOf(commit),
      unit: 'calls of the engines, producer included',
      beside: beside(callsOf(before)),
    }),
  ];
}

async function publishAndSettle(bench: BenchRun, ordering: Ordering): Promise<number> {
  const sequences = ordering === 'strict' ? 'outbox' : 'aggregate';
  const publishMs = await bench.publish({
    events: EVENTS,
    groups: GROUPS,
    concurrency: 16,
    eventBytes: 1_000,
    sequences,
  });
  await bench.settle();
  return publishMs;
}

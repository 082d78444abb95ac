import { chaosPlan } from '../../local/faults/chaos-plan.ts';
import { openBenchRun } from '../app/start-app.ts';
import type { BenchContext } from '../area.ts';
import { type Figure, figure, type Report, type Table } from '../report.ts';
import { watchEffects } from './effects.ts';
import { type OperatorWork, settleByOperator } from './operator.ts';
import { assemblyOf, PEERS, type PeerStack } from './stacks.ts';
import { type Verdict, verdictOn } from './verdict.ts';

const SEEDS = [1, 2, 3, 4, 5] as const;
const EVENTS = 300;
const GROUPS = 30;
const EVENT_BYTES = 1_000;
/** Between two events of a group, so that relay and consumer are at work while events come. */
const PAUSE_MS = 50;
/** More than cores: those that hang until their time-out must not hold up the others. */
const ENVIRONMENTS = 6;

interface Outcome extends Verdict, OperatorWork {
  readonly faults: number;
}

/** What becomes of the same events under the same fault plans, the one that the project's own chaos runs use. */
export async function measureFaults({ progress }: BenchContext): Promise<Report> {
  const rows: (readonly (string | number)[])[] = [];
  const totals: { readonly title: string; readonly sum: Outcome }[] = [];
  for (const stack of PEERS) {
    using assembly = assemblyOf(stack);
    const outcomes: Outcome[] = [];
    for (const seed of SEEDS) {
      const outcome = await runUnder(stack, assembly.path, seed);
      progress(`${stack.title}, seed ${seed}: ${JSON.stringify(outcome)}`);
      outcomes.push(outcome);
      rows.push([stack.title, String(seed), ...cellsOf(outcome)]);
    }
    const sum = sumOf(outcomes);
    totals.push({ title: stack.title, sum });
    rows.push([stack.title, 'all', ...cellsOf(sum)]);
  }
  const events = EVENTS * SEEDS.length;
  const table: Table = {
    title: `${EVENTS} events over ${GROUPS} groups under each of ${SEEDS.length} fault plans`,
    head: ['stack', 'seed', 'lost', 'repeated', 'out of order', 'delivered by hand', 'redriven', 'faults'],
    rows,
  };
  return { figures: totals.flatMap(({ title, sum }) => figuresOf(title, sum, events)), tables: [table] };
}

async function runUnder(stack: PeerStack, assemblyFolder: string, seed: number): Promise<Outcome> {
  await using bench = await openBenchRun({
    assemblyFolder,
    faults: chaosPlan(seed),
    environmentsPerFunction: ENVIRONMENTS,
  });
  const { run } = bench;
  using effects = watchEffects(run, bench.tableName('Table'));
  await stack.publish(bench, {
    events: EVENTS,
    groups: GROUPS,
    concurrency: GROUPS,
    eventBytes: EVENT_BYTES,
    pauseMs: PAUSE_MS,
    name: `seed-${seed}`,
  });
  const work = await settleByOperator(run);
  return { ...verdictOn(EVENTS, effects.list()), ...work, faults: run.injected().length };
}

const cellsOf = ({ lost, repeated, outOfOrder, delivered, redriven, faults }: Outcome): readonly string[] =>
  [lost, repeated, outOfOrder, delivered, redriven, faults].map(String);

const sumOf = (outcomes: readonly Outcome[]): Outcome => {
  const sum = (read: (outcome: Outcome) => number) => outcomes.reduce((all, each) => all + read(each), 0);
  return {
    lost: sum(({ lost }) => lost),
    repeated: sum(({ repeated }) => repeated),
    outOfOrder: sum(({ outOfOrder }) => outOfOrder),
    delivered: sum(({ delivered }) => delivered),
    redriven: sum(({ redriven }) => redriven),
    faults: sum(({ faults }) => faults),
  };
};

const figuresOf = (title: string, { lost, repeated, outOfOrder }: Verdict, events: number): readonly Figure[] => {
  const beside = { what: 'committed', value: events };
  const counted = { unit: 'events', beside } as const;
  return [
    figure({ ...counted, name: `${title}: lost`, value: lost }),
    figure({ ...counted, name: `${title}: effects repeated`, value: repeated }),
    figure({ ...counted, name: `${title}: out of order`, value: outOfOrder }),
  ];
};

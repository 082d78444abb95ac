import { usdOf } from '../../lib/operations/index.ts';
import type { BenchContext } from '../area.ts';
import { figure, type Report, type Table } from '../report.ts';
import { HOPS, type HopCost, usdPerMillion } from './hops.ts';
import { costsOf, type Scenario, type ScenarioCosts } from './scenario.ts';

export interface CostCase extends Scenario {
  readonly name: string;
  /** USD per million events, logs left out. */
  readonly reachUsd?: number;
}

/** Measures each case; those without a reach stand beside the first. */
export const measureCosts =
  (cases: readonly CostCase[]) =>
  async ({ progress }: BenchContext): Promise<Report> => {
    const figures = [];
    const tables: Table[] = [];
    let first: number | undefined;
    for (const { name, reachUsd, ...scenario } of cases) {
      progress(name);
      const measured = await costsOf(scenario);
      const { events, costs } = measured;
      const value = usdPerMillion(
        costs.filter(({ hop }) => hop !== 'logs'),
        events,
      );
      first ??= value;
      figures.push(
        figure({
          name,
          value,
          unit: 'USD per million events',
          beside:
            reachUsd === undefined ? { what: 'the first case', value: first } : { what: 'reach', value: reachUsd },
          ...(reachUsd === undefined ? {} : { reach: { most: 1 } }),
          note: noteOn(measured),
        }),
      );
      tables.push(tableOf(name, measured));
    }
    return { figures, tables };
  };

function noteOn({ events, costs, consumerBatch, failures }: ScenarioCosts): string {
  const hops = HOPS.map((hop) => {
    const usd = usdPerMillion(
      costs.filter((cost) => cost.hop === hop),
      events,
    );
    return `${hop} ${usd.toFixed(2)}`;
  });
  const odd = failures.length === 0 ? '' : `; refused: ${failures.join(', ')}`;
  return `${hops.join(' + ')} (logs on top); ${consumerBatch.toFixed(1)} records per consumer invocation${odd}`;
}

function tableOf(name: string, { events, costs }: ScenarioCosts): Table {
  const row = ({ hop, what, billed, calls, quantity }: HopCost) => [
    hop,
    what,
    calls === 0 ? '' : (calls / events).toFixed(3),
    billed,
    (quantity / events).toPrecision(4),
    usdOf(billed, (quantity * 1e6) / events).toFixed(3),
  ];
  return {
    title: `${name}: by hop`,
    head: ['hop', 'what', 'calls per event', 'billed as', 'billed per event', 'USD per million events'],
    rows: costs.map(row),
  };
}

import type { BenchContext } from '../area.ts';
import { busyRatioOf, medianOf } from '../measure.ts';
import { profileOf } from '../profile.ts';
import { figure, type Report } from '../report.ts';
import { busyNote } from './busy-note.ts';
import { openBenchEngines } from './open-engines.ts';

const REACH_PER_SECOND = 2_000;
const TRANSACTIONS = 4_000;
const CONCURRENCY = 32;

export async function measureTransactions({ progress }: BenchContext): Promise<Report> {
  await using bench = await openBenchEngines();
  await bench.createTable('transactions');
  const write = (run: number, transactions = TRANSACTIONS) =>
    bench.client.run('writeTransactions', {
      ...bench.connection,
      tableName: 'transactions',
      transactions,
      concurrency: CONCURRENCY,
      run,
    });
  progress(`${TRANSACTIONS} transactions of three puts, ${CONCURRENCY} at a time`);
  const perSecond = await medianOf((run) => write(run));
  const busyRatio = await busyRatioOf(() => write(-2));
  const clientCpuRatio = bench.client.cpuRatio();
  const tables = await profileOf('transactions of three items', () => write(-1));
  return {
    figures: [
      figure({
        name: 'transactions of three items',
        value: perSecond,
        unit: 'per second',
        beside: { what: 'reach', value: REACH_PER_SECOND },
        reach: { least: 1 },
        note: busyNote(perSecond, busyRatio, clientCpuRatio),
      }),
    ],
    tables,
  };
}

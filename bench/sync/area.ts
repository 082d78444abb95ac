import type { BenchContext, Measures } from '../area.ts';
import { liveHeapMiB, millisecondsOf } from '../measure.ts';
import { figure, type Report } from '../report.ts';
import { createBenchSync, PAGE, type Units } from './bench-sync.ts';

const RECORDS = 2_000;
const MANY = 100_000;
const STARTED = Date.parse('2026-01-05T08:00:00Z');

const rowOf = (generation: number) => (index: number) => ({
  ...{ SKU: String(index).padStart(6, '0'), NAME: `Lamp ${index}` },
  ...{ NET: 1 + generation, MODIFIED: new Date(STARTED + generation * 3_600_000 + index).toISOString() },
});

/** Records a second and units of a new, a changed and an unchanged record, beside a loop that upserts each. */
async function measureRecords({ progress }: BenchContext): Promise<Report> {
  let generation = 0;
  const bench = createBenchSync(RECORDS, (index) => rowOf(generation)(index));
  progress(`${RECORDS} records upserted in a loop, over tables in memory`);
  const naive = (RECORDS * 1000) / (await millisecondsOf(() => createBenchSync(RECORDS, rowOf(0)).upsertAll()));
  const figures: Report['figures'][number][] = [];
  const rows: (string | number)[][] = [['upsert loop', naive, 0, 0, 1]];
  for (const [kind, mode, isNext] of [
    ['new', 'increment', false],
    ['unchanged', 'backfill', false],
    ['changed', 'increment', true],
  ] as const) {
    if (isNext) generation++;
    progress(`${RECORDS} ${kind} records`);
    const before = { ...bench.units };
    const rate = (RECORDS * 1000) / (await millisecondsOf(() => bench.run(mode)));
    const per = (of: keyof Units) => (bench.units[of] - before[of]) / RECORDS;
    rows.push([kind, rate, per('read'), per('syncWrites'), per('sinkWrites')]);
    figures.push(
      figure({
        ...{ name: `${kind} records through a sync`, value: rate, unit: 'records/s' },
        beside: { what: 'an upsert loop in the same run', value: naive },
        note: `${per('read').toFixed(2)} read units, ${per('syncWrites').toFixed(2)} write units of the sync, ${per('sinkWrites').toFixed(2)} of the sink and its event`,
      }),
    );
  }
  const head = [
    'records',
    'records/s',
    'read units each',
    'write units of the sync',
    'write units of the sink and its event',
  ];
  return { figures, tables: [{ title: 'a record of a sync', head, rows }] };
}

/** A run over many records, of which every second slice is killed. */
async function measureResume({ progress }: BenchContext): Promise<Report> {
  progress(`${MANY} records, every second slice killed, over a table that keeps no records`);
  const bench = createBenchSync(MANY, rowOf(0), true);
  const heaps: number[] = [];
  const kills = await bench.run('increment', 40, async (slices) => {
    if (slices % 200 === 0) heaps.push(await liveHeapMiB());
  });
  const pages = MANY / PAGE;
  return {
    figures: [
      figure({
        ...{ name: 'pages read again', value: bench.pagesRead() - pages, unit: 'pages' },
        beside: { what: 'kills', value: kills },
        reach: { most: 1 },
      }),
      figure({
        ...{ name: `live heap after ${MANY.toLocaleString('en')} records`, value: heaps.at(-1) ?? 0, unit: 'MiB' },
        beside: { what: 'after the first fifth', value: heaps[1] ?? heaps[0] ?? 1 },
        reach: { most: 1.1 },
      }),
    ],
  };
}

export const measures: Measures = { records: measureRecords, resume: measureResume };

import { isAreaName, measuresOf } from './areas.ts';
import { loadAverage } from './machine.ts';
import { linesOf } from './print.ts';
import type { Report } from './report.ts';

/** What the process of an area tells its parent about each measurement. */
export interface Measured {
  readonly measure: string;
  /** Of the last minute, before and after. */
  readonly loadAverages: readonly [number, number];
  readonly seconds: number;
  readonly report?: Report;
  readonly error?: string;
}

/** Measures one area in this process: `node bench/run-area.ts <area> [measure ...]`; without a parent it prints. */
const [areaName = '', ...chosen] = process.argv.slice(2);
if (!isAreaName(areaName)) throw new RangeError(`no area '${areaName}'`);
const measures = await measuresOf(areaName);

const tell = (measured: Measured) => {
  if (process.send === undefined) process.stdout.write(`${linesOf(areaName, measured).join('\n')}\n`);
  else process.send(measured);
};

for (const [measure, run] of Object.entries(measures)) {
  if (chosen.length > 0 && !chosen.includes(measure)) continue;
  const progress = (line: string) => void process.stderr.write(`${areaName} ${measure}: ${line}\n`);
  const before = loadAverage();
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 100) / 10;
  try {
    const report = await run({ progress });
    tell({ measure, loadAverages: [before, loadAverage()], seconds: seconds(), report });
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    tell({ measure, loadAverages: [before, loadAverage()], seconds: seconds(), error: text });
  }
}
// whatever an engine left open
if (process.send !== undefined) process.disconnect();
process.exit(0);

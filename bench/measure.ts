export interface Repetition {
  /** Not counted: code is compiled, connections are opened. @default 1 */
  readonly warmUps?: number;
  /** @default 3 */
  readonly repetitions?: number;
}

/** The median of what several runs give; with an even number the lower of the two in the middle. */
export async function medianOf(
  measure: (run: number) => number | Promise<number>,
  { warmUps = 1, repetitions = 3 }: Repetition = {},
): Promise<number> {
  for (let run = 0; run < warmUps; run++) await measure(run);
  const values: number[] = [];
  for (let run = 0; run < repetitions; run++) values.push(await measure(warmUps + run));
  return quantile(values, 0.5);
}

/** The nearest rank. @param ratio above 0, up to 1 */
export function quantile(values: readonly number[], ratio: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const found = sorted[Math.max(Math.ceil(sorted.length * ratio) - 1, 0)];
  if (found === undefined) throw new RangeError('no values were measured');
  return found;
}

export const millisecondsOf = async (work: () => unknown): Promise<number> => {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
};

/** Runs `work` for 0 to `count` - 1, at most `concurrency` at a time. */
export async function inParallel(
  count: number,
  concurrency: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, count) }, lane));
}

/** The share of `work`'s time in which this thread was busy. */
export async function busyRatioOf(work: () => Promise<unknown>): Promise<number> {
  const before = performance.eventLoopUtilization();
  await work();
  return performance.eventLoopUtilization(before).utilization;
}

const MEBIBYTE = 2 ** 20;

/** Live objects of this process, after garbage collection. */
export async function liveHeapMiB(): Promise<number> {
  const { gc } = globalThis;
  if (gc === undefined) throw new Error('garbage can only be collected on demand with --expose-gc');
  // timers and signals of the last work are collected in a second round
  await gc({ execution: 'async', type: 'major' });
  await gc({ execution: 'async', type: 'major' });
  return process.memoryUsage().heapUsed / MEBIBYTE;
}

/** Milliseconds of this process's CPU that `work` takes. */
export async function cpuMsOf(work: () => unknown): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

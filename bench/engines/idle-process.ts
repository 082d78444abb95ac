import { setTimeout } from 'node:timers/promises';

/** Brings an assembly up in a process of its own, and tells its parent what the process uses while nothing happens. */
const [assemblyFolder = '', idleMs = '5000'] = process.argv.slice(2);

const MEBIBYTE = 2 ** 20;

export interface IdleUse {
  readonly emptyMiB: number;
  readonly loadedMiB: number;
  readonly idleMiB: number;
  readonly heapMiB: number;
  /** Of one core, while nothing happens. */
  readonly cpuRatio: number;
}

const residentMiB = () => process.memoryUsage.rss() / MEBIBYTE;

const emptyMiB = residentMiB();
// with all that `waybill start` loads
await import('../../cli/start/start-apps.ts');
const { startLocalRun } = await import('../../local/run.ts');
const loadedMiB = residentMiB();
const run = await startLocalRun({ assemblyFolder, log: () => undefined });
await setTimeout(1000);
const before = process.cpuUsage();
const startedAt = performance.now();
await setTimeout(Number(idleMs));
const { user, system } = process.cpuUsage(before);
const use: IdleUse = {
  emptyMiB,
  loadedMiB,
  idleMiB: residentMiB(),
  heapMiB: process.memoryUsage().heapUsed / MEBIBYTE,
  cpuRatio: (user + system) / 1000 / (performance.now() - startedAt),
};
await run.close();
process.send?.(use);
process.disconnect();

import { fork } from 'node:child_process';
import { join } from 'node:path';
import { createApp } from '../../infra/create-app.ts';
import * as services from '../../infra/services.ts';
import { createTemporaryFolder } from '../../local/temporary-folder.ts';
import type { BenchContext } from '../area.ts';
import { figure, type Report } from '../report.ts';
import type { IdleUse } from './idle-process.ts';

const REACH_MIB = 150;
const REACH_CPU_RATIO = 0.02;
const IDLE_MS = 10_000;

/** The app's stacks, deployed and left alone. */
export async function measureIdleRun({ progress }: BenchContext): Promise<Report> {
  using assembly = createTemporaryFolder();
  createApp({ services: Object.values(services), outdir: assembly.path, context: { env: 'dev' } }).synth();
  progress(`the app's stacks idle for ${IDLE_MS / 1000} seconds`);
  const use = await useOf(assembly.path);
  const [empty, modules, stacks] = [use.emptyMiB, use.loadedMiB - use.emptyMiB, use.idleMiB - use.loadedMiB];
  return {
    figures: [
      figure({
        name: 'memory of an idle run',
        value: use.idleMiB,
        unit: 'MiB resident',
        beside: { what: 'reach', value: REACH_MIB },
        reach: { most: 1 },
        note: `${empty.toFixed(0)} Node with nothing in it, ${modules.toFixed(0)} the engines' code, ${stacks.toFixed(0)} the deployed stacks; of it ${use.heapMiB.toFixed(0)} live heap`,
      }),
      figure({
        name: 'CPU of an idle run',
        value: use.cpuRatio * 100,
        unit: '% of a core',
        beside: { what: 'reach', value: REACH_CPU_RATIO * 100 },
        reach: { most: 1 },
      }),
    ],
  };
}

function useOf(assemblyFolder: string): Promise<IdleUse> {
  const child = fork(join(import.meta.dirname, 'idle-process.ts'), [assemblyFolder, String(IDLE_MS)]);
  return new Promise((resolve, reject) => {
    child.once('message', (use: IdleUse) => resolve(use));
    child.once('exit', (status) => reject(new Error(`the idle run ended with ${status}`)));
  });
}

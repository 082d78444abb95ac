import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { createMovableClock } from '../../local/clock.ts';
import { startEnvironment } from '../../local/lambda/execution-environment.ts';
import { createTemporaryFolder } from '../../local/temporary-folder.ts';
import { functionEnvironment } from '../app/function-environment.ts';
import { startBenchRun } from '../app/start-app.ts';
import type { BenchContext } from '../area.ts';
import { medianOf } from '../measure.ts';
import { figure, type Report } from '../report.ts';

const REPETITION = { warmUps: 3, repetitions: 15 } as const;

const READY =
  "import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => {}).postMessage('ready');";

const MS_PER_MICROSECOND = 1e-3;

/** What the start of a local execution environment costs, beside a thread of Node that does nothing. */
export async function measureEnvironmentStarts({ progress }: BenchContext): Promise<Report> {
  using folder = createTemporaryFolder();
  const empty = join(folder.path, 'empty');
  mkdirSync(empty);
  writeFileSync(join(empty, 'index.mjs'), 'export const handler = async () => 1;');
  await using bench = await startBenchRun({ ordering: 'strict', consumers: 1 });
  const consumer = bench.run.deployment.functions.find(
    ({ functionName }) => bench.functionLabel(functionName) === 'consumer-1',
  );
  if (consumer === undefined) throw new Error('the bench has no consumer');
  const variables = await functionEnvironment(bench, 'consumer-1');

  const thread = await medianOf(() => cpuOf(startThread), REPETITION);
  progress(`a thread takes ${thread.toFixed(0)} ms of CPU`);
  const beside = { what: 'a worker thread with an empty module, ms of CPU', value: thread };
  const note = `medians of ${REPETITION.repetitions} starts`;
  const starts = [
    ['an environment with an empty function starts', empty, {}],
    ['an environment with a strict consumer starts', consumer.codeFolder, variables],
  ] as const;
  const figures = [];
  for (const [name, codeFolder, own] of starts) {
    const value = await medianOf(() => cpuOf(() => startFunction(codeFolder, own)), REPETITION);
    figures.push(figure({ name, value, unit: 'ms of CPU', beside, note }));
  }
  return { figures };
}

/** CPU of this process, with all its threads, until something has started. @param start gives what ends it */
async function cpuOf(start: () => Promise<() => Promise<unknown>>): Promise<number> {
  const before = process.cpuUsage();
  const end = await start();
  const { user, system } = process.cpuUsage(before);
  await end();
  return (user + system) * MS_PER_MICROSECOND;
}

async function startThread(): Promise<() => Promise<unknown>> {
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(READY)}`));
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  return () => worker.terminate();
}

async function startFunction(
  codeFolder: string,
  variables: Readonly<Record<string, string>>,
): Promise<() => Promise<unknown>> {
  const started = Promise.withResolvers<void>();
  const environment = startEnvironment({
    clock: createMovableClock(),
    timeoutSeconds: 30,
    variables: { PATH: process.env['PATH'] ?? '', ...variables },
    onLine: () => undefined,
    onStart: (error) => (error === undefined ? started.resolve() : started.reject(new Error(error.errorMessage))),
    settings: {
      taskRoot: codeFolder,
      takesCallbacks: false,
      handler: 'index.handler',
      functionName: 'bench',
      functionVersion: '$LATEST',
      memoryMb: 512,
      logGroup: '/aws/lambda/bench',
      logStream: 'bench',
      clockOffset: new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT),
    },
  });
  await started.promise;
  return environment.kill;
}

import { defineConfig } from 'vitest/config';

/** Ends a wait for a state before the test's own time-out does, so that the failure names the state; not a wait for time. */
const expect = { poll: { timeout: 240_000, interval: 5 } };

/** Of Waybill itself, and of the examples. */
const inTests = (folder: string): string[] =>
  ['test', 'examples/*/test'].map((root) => `${root}/${folder}/**/*.test.ts`);

/** `waybill/...` is this repository's source: here, in the processes that tests start, and in those of vitest itself. */
const CONDITIONS = ['waybill-source'];
process.env.NODE_OPTIONS = [process.env.NODE_OPTIONS, ...CONDITIONS.map((name) => `--conditions=${name}`)]
  .join(' ')
  .trim();

/**
 * The files of a worker share what they import, which takes longer than their tests. A file MUST leave nothing behind in a module, in
 * `process.env` or in a class: `vi.stubEnv`, `onTestFinished`, `afterAll`.
 */
const SHARES_MODULES = { isolate: false, setupFiles: ['test/set-up-file.ts'] };

export default defineConfig({
  ssr: { resolve: { conditions: [...CONDITIONS, 'node'] } },
  test: {
    // one more than the cores of a small machine: runs under faults wait for time-outs, retries and backoff for a third of their time
    maxWorkers: 3,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: inTests(
            '{lib,local,cli,functions,contracts,architecture,mutation,adapters,tutorials,bench,fixtures}',
          ),
          // a busy machine is no failure: properties and engines take seconds where others want the cores
          testTimeout: 300_000,
          hookTimeout: 300_000,
          expect,
          ...SHARES_MODULES,
        },
      },
      {
        extends: true,
        test: { name: 'faults', include: ['test/faults/**/*.test.ts'], testTimeout: 900_000 },
      },
      {
        extends: true,
        test: {
          name: 'infra',
          include: inTests('infra'),
          testTimeout: 600_000,
          hookTimeout: 600_000,
          expect,
          ...SHARES_MODULES,
        },
      },
      {
        // a run under chaos waits for frozen workers' time-outs, a minute and a half on a machine of its own
        extends: true,
        test: {
          name: 'e2e',
          include: inTests('e2e'),
          testTimeout: 900_000,
          hookTimeout: 900_000,
          expect,
        },
      },
    ],
  },
});

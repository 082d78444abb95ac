import fc from 'fast-check';
import { runSyncSchedule } from './run-sync-schedule.ts';
import type { PlantedInSync } from './sync-model.ts';
import { anySyncSchedule, type Schedule } from './sync-schedule.ts';

export interface SyncSearchOptions {
  readonly seed: number;
  readonly schedules: number;
  /** Where in the seed's schedules to go at once: what a finding named. */
  readonly path?: string | undefined;
  readonly planted?: PlantedInSync | undefined;
  /** Whether a finding is made small. @default true */
  readonly shrink?: boolean;
  readonly onProgress?: (progress: { readonly schedules: number; readonly effects: number }) => void;
}

export interface SyncFinding {
  readonly seed: number;
  readonly path: string;
  readonly wrong: readonly string[];
  readonly schedule: Schedule;
}

export interface SyncSearch {
  readonly schedules: number;
  readonly effects: number;
  readonly finding: SyncFinding | undefined;
}

/** Smaller schedules that are tried for a finding. */
const MOST_SHRINKS = 1_000;

/** Runs schedules of a sync over a model provider until one breaks a promise, and makes that one small. */
export async function searchSyncs(options: SyncSearchOptions): Promise<SyncSearch> {
  const { seed, schedules, path, planted, shrink = true, onProgress = () => {} } = options;
  let ran = 0;
  let effects = 0;
  let isFound = false;
  let shrinks = 0;
  const property = fc.asyncProperty(anySyncSchedule, async (schedule) => {
    if (isFound && ++shrinks > MOST_SHRINKS) return true;
    const outcome = await runSyncSchedule(schedule, planted);
    if (!isFound) {
      ran++;
      effects += outcome.effects;
      isFound = outcome.wrong.length > 0;
      onProgress({ schedules: ran, effects });
    }
    return outcome.wrong.length === 0;
  });
  const { counterexample, counterexamplePath } = await fc.check(property, {
    ...{ seed, numRuns: schedules, endOnFailure: !shrink },
    ...(path !== undefined && { path }),
  });
  const [schedule] = counterexample ?? [];
  const finding =
    schedule === undefined || counterexamplePath === null
      ? undefined
      : { seed, path: counterexamplePath, wrong: (await runSyncSchedule(schedule, planted)).wrong, schedule };
  return { schedules: ran, effects, finding };
}

/** For a person, with what reproduces it. */
export const describeSyncFinding = ({ seed, path, wrong, schedule }: SyncFinding): string =>
  [
    ...wrong,
    JSON.stringify({ ...schedule, steps: undefined }),
    ...schedule.steps.map((step, index) => `${String(index + 1).padStart(4)}  ${JSON.stringify(step)}`),
    `npm run faults -- --sync --seed ${seed} --path ${path}`,
  ].join('\n');

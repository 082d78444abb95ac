import fc from 'fast-check';
import { anySchedule, type Ingredients } from './any-schedule.ts';
import type { Planted } from './planted.ts';
import { runSchedule } from './run-schedule.ts';
import type { Schedule } from './schedule.ts';

/** Smaller schedules that are tried for a finding; it stays as small as it got by then. */
const MOST_SHRINKS = 2_000;

export interface SearchOptions {
  readonly seed: number;
  readonly schedules: number;
  /** Where in the seed's schedules to go at once: what a finding named. */
  readonly path?: string | undefined;
  readonly planted?: Planted | undefined;
  /** Whether a finding is made small, which takes as long again. @default true */
  readonly shrink?: boolean;
  /** Hears of the search as it goes on. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly schedules: number;
  readonly effects: number;
  /** What was injected so far, by kind. */
  readonly struck: ReadonlyMap<string, number>;
}

export interface Search extends Progress {
  readonly finding: Finding | undefined;
}

/** A schedule, as small as it could be made, in which a promise was broken. */
export interface Finding {
  readonly seed: number;
  readonly path: string;
  /** The first schedule that broke it, from 1. */
  readonly foundAfter: number;
  readonly wrong: readonly string[];
  readonly schedule: Schedule;
}

/** What is put into the keeping of order shows at `strict` consumers only. */
const ingredientsOf = (planted: Planted): Ingredients => ({ strictOnly: planted.ordering !== undefined, ...planted });

/** Runs schedules until one breaks a promise, and makes that one small. */
export async function search(options: SearchOptions): Promise<Search> {
  const { seed, schedules, path, planted, shrink = true, onProgress = () => {} } = options;
  const struck = new Map<string, number>();
  let ran = 0;
  let effects = 0;
  let foundAfter = 0;
  let shrinks = 0;

  const property = fc.asyncProperty(
    anySchedule(planted && ingredientsOf(planted), planted && (planted.amongDeployments ? 'only' : 'none')),
    async (schedule) => {
      if (foundAfter > 0) shrinks += 1;
      if (shrinks > MOST_SHRINKS) return true;
      const outcome = await runSchedule(schedule, planted);
      if (foundAfter === 0) {
        ran += 1;
        effects += outcome.effects;
        for (const [kind, count] of outcome.struck) struck.set(kind, (struck.get(kind) ?? 0) + count);
        if (outcome.wrong.length > 0) foundAfter = ran;
        onProgress({ schedules: ran, effects, struck });
      }
      return outcome.wrong.length === 0;
    },
  );
  const { counterexample, counterexamplePath } = await fc.check(property, {
    seed,
    numRuns: schedules,
    endOnFailure: !shrink,
    ...(path === undefined ? {} : { path }),
  });
  const [schedule] = counterexample ?? [];
  const finding =
    schedule === undefined || counterexamplePath === null
      ? undefined
      : { seed, path: counterexamplePath, foundAfter, wrong: (await runSchedule(schedule, planted)).wrong, schedule };
  return { schedules: ran, effects, struck, finding };
}

import { relative } from 'node:path';
import { type RunnerTestCase, type RunnerTestFile, TestRunner } from 'vitest';
import { installSwitch } from './planted-switch.ts';
import { openTrialState, pairOf } from './trial-state.ts';
import { isOver, isWorthTrying, priceOf, since, type Usage, usageNow } from './trial-usage.ts';

const { MUTATION_STATE = '', MUTATION_ACTIVE = '0', MUTATION_NEAR = '' } = process.env;

/** Kept from tests that stop the time. */
const { setInterval, clearInterval } = globalThis;
const LOOKS_EVERY_MS = 500;

/** Of a test that was not run without the mutant: the slowest take seconds. */
const UNKNOWN: Usage = { busyMs: 10_000, idleMs: 3_000 };

/** A loop may ask the switches so many times as often as without a mutant, and so often in any case. */
const MORE_STEPS = 100;
const LEAST_STEPS = 200_000;

/** More often than there are mutants. */
const WITHOUT_END = 1_000_000;

interface Trial {
  phase: 'without' | 'with' | 'without again' | 'over';
  /** What the test uses without a mutant. */
  without: Usage;
  steps: number;
  startedAt: Usage;
  mutant: number;
  /** The mutant that it has found last. */
  found: number;
  readonly left: number[];
}

const state = openTrialState(MUTATION_STATE);
const planted = installSwitch();
const active = Number(MUTATION_ACTIVE);
const isNear = MUTATION_NEAR !== '';
const outside = new Set<number>();
planted.heard = outside;
planted.active = active;

/**
 * Runs each test without a mutant, hears which mutants it reaches, and runs it again with each of them that no test has
 * found: the test file is loaded once for all. With one mutant active from the start, it runs the file as it is.
 */
export default class MutationRunner extends TestRunner {
  readonly #trials = new Map<string, Trial>();
  #file = '';
  #survived: ReadonlySet<string> = new Set();
  #isTimeOver = false;
  /** A mutant has left something behind that makes tests fail. */
  #isSpoilt = false;

  override async onBeforeRunTask(test: RunnerTestCase): Promise<void> {
    await super.onBeforeRunTask(test);
    this.#enter(test.file);
    if (active !== 0) return;
    if (this.#isSpoilt) test.mode = 'skip';
    if (test.mode === 'skip') return;
    this.#trials.set(test.id, {
      phase: 'without',
      without: { busyMs: 0, idleMs: 0 },
      steps: 0,
      startedAt: usageNow(),
      mutant: 0,
      found: 0,
      left: [],
    });
    Object.assign(test, { repeats: WITHOUT_END, retry: 0 });
  }

  override onBeforeTryTask(test: RunnerTestCase, options: { retry: number; repeats: number }): void {
    const trial = this.#trials.get(test.id);
    if (trial !== undefined) {
      if (test.result !== undefined) Object.assign(test.result, { errors: undefined, attempts: [] });
      if (trial.phase === 'with') this.#choose(test, trial);
      if (trial.phase === 'over') test.context.skip();
      planted.heard = trial.phase === 'without' ? new Set() : undefined;
      planted.active = trial.mutant;
      planted.steps = 0;
      planted.mostSteps = trial.mutant === 0 ? Number.POSITIVE_INFINITY : trial.steps * MORE_STEPS + LEAST_STEPS;
      trial.startedAt = usageNow();
      this.#isTimeOver = false;
    }
    super.onBeforeTryTask(test, options);
  }

  async runTask(test: RunnerTestCase): Promise<void> {
    const run = TestRunner.getTestFn(test);
    const trial = this.#trials.get(test.id);
    if (active === 0 && (trial === undefined || trial.mutant === 0)) return run();
    const { startedAt, without } = trial ?? { startedAt: usageNow(), without: UNKNOWN };
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<never>((_, reject) => {
      timer = setInterval(() => {
        if (!isOver(since(startedAt), without)) return;
        this.#isTimeOver = true;
        reject(new Error('time is over'));
      }, LOOKS_EVERY_MS);
    });
    try {
      await Promise.race([run(), over]);
    } finally {
      clearInterval(timer);
    }
  }

  override async onAfterRetryTask(test: RunnerTestCase, options: { retry: number; repeats: number }): Promise<void> {
    const trial = this.#trials.get(test.id);
    const failed = test.result?.state === 'fail';
    if (active !== 0 && failed) {
      state.kill(active, { by: this.#nameOf(test), how: this.#isTimeOver ? 'time' : 'test' });
      this.cancel('test-failure');
    }
    if (trial !== undefined && trial.phase !== 'over') this.#conclude(test, trial, failed);
    await super.onAfterRetryTask(test, options);
  }

  override onAfterRunFiles(files: RunnerTestFile[]): void {
    super.onAfterRunFiles(files);
    for (const file of files) {
      this.#enter(file);
      if (active !== 0) continue;
      state.reach(this.#file, outside, 'outside');
      if (!this.#isSpoilt) state.finish(this.#file);
    }
    state.beat(process.pid, undefined);
  }

  #enter({ filepath }: RunnerTestFile): void {
    const file = relative(this.config.root, filepath);
    if (file === this.#file) return;
    this.#file = file;
    this.#survived = state.survivedIn(file);
  }

  #nameOf(test: RunnerTestCase): string {
    return `${this.#file} > ${test.fullTestName}`;
  }

  #choose(test: RunnerTestCase, trial: Trial): void {
    const name = test.fullTestName;
    for (let mutant = trial.left.shift(); mutant !== undefined; mutant = trial.left.shift()) {
      if (state.isKilled(mutant) || this.#survived.has(pairOf(name, mutant))) continue;
      if (!isWorthTrying(state.spentMs(mutant), trial.without, isNear)) continue;
      trial.mutant = mutant;
      state.beat(process.pid, { mutant, test: this.#nameOf(test), at: Date.now() });
      return;
    }
    trial.phase = 'over';
  }

  #conclude(test: RunnerTestCase, trial: Trial, failed: boolean): void {
    const used = since(trial.startedAt);
    const { phase, mutant } = trial;
    planted.active = 0;
    planted.mostSteps = Number.POSITIVE_INFINITY;
    if (phase === 'without') {
      const heard = planted.heard ?? new Set();
      planted.heard = outside;
      Object.assign(trial, { without: used, steps: planted.steps, phase: failed ? 'over' : 'with' });
      trial.left.push(...heard);
      if (failed) state.breakDown(this.#file, test.fullTestName);
      else state.reach(this.#file, heard, 'in tests');
      return;
    }
    planted.heard = outside;
    if (phase === 'without again') {
      trial.phase = failed ? 'over' : 'with';
      // the first run of a file loads and warms up what the later ones find ready
      if (used.busyMs < trial.without.busyMs) trial.without = used;
      if (failed) this.#doubt(test, trial);
      return;
    }
    state.beat(process.pid, undefined);
    if (!failed) {
      state.spend(mutant, priceOf(used, isNear));
      state.survive(this.#file, test.fullTestName, mutant);
      return;
    }
    state.kill(mutant, { by: this.#nameOf(test), how: this.#isTimeOver ? 'time' : 'test' });
    Object.assign(trial, { phase: 'without again', mutant: 0, found: mutant });
  }

  /** A test that fails without a mutant after one with it says nothing of it: the file is tried with it from the start. */
  #doubt(test: RunnerTestCase, { found }: Trial): void {
    this.#isSpoilt = true;
    state.revive(found);
    state.survive(this.#file, test.fullTestName, found);
    state.reach(this.#file, [found], 'outside');
  }
}

import type { CancelTask, EngineClock } from '../clock.ts';

export interface LongPollsOptions<Poll, Result> {
  readonly clock: EngineClock;
  /** @returns undefined when there is nothing yet, for this poll and so for those behind it. */
  readonly tryServe: (poll: Poll) => Result | undefined;
  /** When something may become available without a call. */
  readonly nextChangeAt: () => number | undefined;
}

/** Receives that wait. They are served in the order in which they came, at once when something becomes available. */
export interface LongPolls<Poll, Result> {
  /** @returns undefined when `waitMs` passed, or `end` was called, before there was a result. */
  wait(poll: Poll, waitMs: number): Promise<Result | undefined>;
  /** To be called after every change that may have made something available. */
  serve(): void;
  end(): void;
  fail(error: Error): void;
}

interface Waiting<Poll, Result> {
  readonly poll: Poll;
  readonly settle: (result: Result | undefined) => void;
  readonly reject: (error: unknown) => void;
}

export function createLongPolls<Poll, Result>(options: LongPollsOptions<Poll, Result>): LongPolls<Poll, Result> {
  const { clock, tryServe, nextChangeAt } = options;
  const waiting = new Set<Waiting<Poll, Result>>();
  let wakeAt: number | undefined;
  let cancelWake: CancelTask = () => {};

  const serve = () => {
    for (const each of waiting) {
      try {
        const result = tryServe(each.poll);
        if (result === undefined) break;
        each.settle(result);
      } catch (error) {
        each.reject(error);
      }
    }
    arm();
  };

  const arm = () => {
    const at = waiting.size === 0 ? undefined : nextChangeAt();
    // waking too early is harmless, and cheaper than taking back a task for every message that is deleted in time
    if (at === undefined || (wakeAt !== undefined && wakeAt <= at)) return;
    cancelWake();
    wakeAt = at;
    cancelWake = clock.schedule(at - clock.now(), () => {
      wakeAt = undefined;
      serve();
    });
  };

  return {
    wait: (poll, waitMs) =>
      new Promise((resolve, reject) => {
        const finish = () => {
          cancelTimeout();
          waiting.delete(each);
        };
        const each: Waiting<Poll, Result> = {
          poll,
          settle: (result) => {
            finish();
            resolve(result);
          },
          reject: (error) => {
            finish();
            reject(error);
          },
        };
        const cancelTimeout = clock.schedule(waitMs, () => each.settle(undefined));
        waiting.add(each);
        arm();
      }),
    serve,
    end() {
      for (const each of waiting) each.settle(undefined);
      arm();
    },
    fail(error) {
      for (const each of waiting) each.reject(error);
      arm();
    },
  };
}

import type { OutboxCommit, OutboxStore } from '../outbox/index.ts';

/**
 * `before-commit`: the process crashes before its transaction is written; `after-commit`: after it was written, without
 * the response.
 */
export type CrashPoint = 'before-commit' | 'after-commit';

/** Observes the commits of the current step, and may crash it at one. */
export interface Watch {
  readonly crash: CrashPoint | undefined;
  /** Whether the step crashes at this commit. */
  readonly isMeant: (commit: OutboxCommit) => boolean;
  readonly onCrash: () => void;
  readonly onCommitted: (commit: OutboxCommit) => void;
}

/** A crashed process never gets a response. */
const dead = (): Promise<never> => new Promise<never>(() => undefined);

/** @param current returns the watch of the current step */
export const watchedStore = (store: OutboxStore, current: () => Watch | undefined): OutboxStore => ({
  readHeads: store.readHeads,
  async commit(commit) {
    const watch = current();
    const crash = watch?.isMeant(commit) ? watch.crash : undefined;
    if (crash === 'before-commit') {
      watch?.onCrash();
      return dead();
    }
    const outcome = await store.commit(commit);
    if (outcome.kind !== 'committed') return outcome;
    watch?.onCommitted(commit);
    if (crash === undefined) return outcome;
    watch?.onCrash();
    return dead();
  },
});

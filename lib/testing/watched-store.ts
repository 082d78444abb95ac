import type { OutboxCommit, OutboxStore } from '../outbox/index.ts';

/** `before-commit`: the process ends when all was prepared; `after-commit`: when all is written and nobody was told. */
export type CrashPoint = 'before-commit' | 'after-commit';

/** What is under way: it hears of its commits, and may end at one. */
export interface Watch {
  readonly crash: CrashPoint | undefined;
  /** Whether the crash is meant for this commit. */
  readonly isMeant: (commit: OutboxCommit) => boolean;
  readonly onCrash: () => void;
  readonly onCommitted: (commit: OutboxCommit) => void;
}

/** A dead process never hears of anything again. */
const dead = (): Promise<never> => new Promise<never>(() => undefined);

/** @param current what is under way when a commit comes */
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

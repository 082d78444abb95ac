import type { CursorStore } from '../consumer/index.ts';
import { addMs, type Clock, toEpochSeconds } from '../shared/time.ts';
import type { LogRepair } from './log-repair.ts';
import type { RateLimiter } from './rate-limiter.ts';

export interface KeepDeps {
  readonly cursors: Pick<CursorStore, 'read'>;
  readonly repair: Pick<LogRepair, 'lastUsed' | 'keep'>;
  readonly clock: Clock;
  /** In events. */
  readonly limiter: RateLimiter;
}

export type KeepResult =
  | {
      readonly kind: 'kept';
      /** The first event that the consumer has not dealt with, and the last of the group. */
      readonly from: number;
      readonly to: number;
      readonly kept: number;
      /** What the log no longer had. */
      readonly gone: readonly number[];
    }
  /** The consumer has dealt with all that the log holds of the group. */
  | { readonly kind: 'up-to-date' }
  | { readonly kind: 'no-cursor' };

/**
 * Keeps the events of a group that a consumer has not dealt with in the log for so many days from now, at least: a group
 * that waits for a decision must not lose what waits behind. Safe to repeat.
 */
export async function keepGroup(deps: KeepDeps, group: string, days: number): Promise<KeepResult> {
  const { cursors, repair, clock, limiter } = deps;
  const cursor = (await cursors.read([group])).get(group);
  if (cursor === undefined) return { kind: 'no-cursor' };
  const from = cursor.processed + 1;
  const to = Math.max(await repair.lastUsed(group), cursor.seen);
  if (from > to) return { kind: 'up-to-date' };
  const until = toEpochSeconds(addMs(clock.now(), days * 86_400_000));
  const gone: number[] = [];
  for (let sequence = from; sequence <= to; sequence++) {
    await limiter.spend(1);
    if ((await repair.keep({ group, sequence }, until)) === 'gone') gone.push(sequence);
  }
  return { kind: 'kept', from, to, kept: to - from + 1 - gone.length, gone };
}

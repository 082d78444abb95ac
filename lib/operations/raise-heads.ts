import {
  type CursorScanner,
  type LogRepair,
  MOST_RAISED_AT_ONCE,
  type SeenGroup,
  type TombstoneText,
} from './log-repair.ts';
import type { RateLimiter } from './rate-limiter.ts';

export interface RaiseHeadsDeps {
  readonly scanner: CursorScanner;
  readonly repair: Pick<LogRepair, 'head' | 'raiseHead'>;
  /** In read units of the scan, and of the heads. */
  readonly readLimiter: RateLimiter;
}

export interface RaiseHeadsOptions {
  /** Whether to raise them, or only to tell. */
  readonly apply: boolean;
  readonly text: TombstoneText;
  readonly onProgress?: (progress: RaiseHeadsProgress) => void;
}

export interface RaiseHeadsProgress {
  readonly cursors: number;
  readonly readUnits: number;
  /** Heads that stood before what a consumer has seen. */
  readonly behind: number;
}

/** A group whose next events would get sequences that a consumer has seen. */
export interface RaisedHead {
  readonly group: string;
  readonly from: number;
  readonly to: number;
  readonly raised: boolean;
}

/** How often producers may be first in one group. */
const MAX_CONFLICTS = 20;

/**
 * Raises every group's head to the highest sequence that any consumer has seen of it, after the outbox table was restored
 * to an earlier time: new events would else take numbers that cursors have passed. The places in between are marked as
 * empty, so that consumers which are behind do not wait for them. Head and marks are one transaction, on condition that
 * no producer was first: it may run beside them, be cut off and be run again.
 */
export async function* raiseHeads(
  { scanner, repair, readLimiter }: RaiseHeadsDeps,
  { apply, text, onProgress }: RaiseHeadsOptions,
): AsyncGenerator<RaisedHead, RaiseHeadsProgress> {
  const progress = { cursors: 0, readUnits: 0, behind: 0 };
  for await (const { cursors, readUnits } of scanner.scan()) {
    for (const { group, seen } of highest(cursors)) {
      const from = await repair.head(group);
      await readLimiter.spend(1);
      if (from >= seen) continue;
      progress.behind += 1;
      if (apply) await raise(repair, group, seen, text);
      yield { group, from, to: seen, raised: apply };
    }
    progress.cursors += cursors.length;
    progress.readUnits += readUnits;
    onProgress?.({ ...progress });
    await readLimiter.spend(readUnits);
  }
  return progress;
}

/** One of each group, as far as a page knows. */
function highest(cursors: readonly SeenGroup[]): readonly SeenGroup[] {
  const groups = new Map<string, number>();
  for (const { group, seen } of cursors) groups.set(group, Math.max(groups.get(group) ?? 0, seen));
  return [...groups].map(([group, seen]) => ({ group, seen }));
}

async function raise(
  repair: RaiseHeadsDeps['repair'],
  group: string,
  seen: number,
  text: TombstoneText,
): Promise<void> {
  let conflicts = 0;
  for (let from = await repair.head(group); from < seen; from = await repair.head(group)) {
    const count = Math.min(seen - from, MOST_RAISED_AT_ONCE);
    const places = Array.from({ length: count }, (_, index) => from + 1 + index);
    if ((await repair.raiseHead(group, from, places, text)) === 'raised') continue;
    conflicts += 1;
    if (conflicts === MAX_CONFLICTS) {
      throw new Error(`the head of group '${group}' was moved by others ${MAX_CONFLICTS} times: run the command again`);
    }
  }
}

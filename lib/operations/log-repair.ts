import type { CursorStore } from '../consumer/index.ts';
import { TRANSACTION_MAX_ACTIONS } from '../definitions/index.ts';
import type { EventKey } from '../outbox/index.ts';
import { addMs, type Clock, type EpochMs, type EpochSeconds, toEpochSeconds } from '../shared/time.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** Why a place of the log is marked as empty, and by whom. */
export interface TombstoneText {
  readonly reason: string;
  readonly by: string;
  readonly at: EpochMs;
  /** When the mark expires. No consumer may be behind it by then. */
  readonly expires: EpochSeconds;
}

/** The highest sequence of a group that a consumer has seen. */
interface SeenGroup {
  readonly group: string;
  readonly seen: number;
}

/** Repairs the outbox log. */
export interface LogRepair {
  /** The last sequence that the group has used, according to its head and the log; 0 if none. */
  lastUsed(group: string): Promise<number>;
  /** Extends an event's retention to at least `until`. @returns 'gone' if the log no longer has it */
  keep(place: EventKey, until: EpochSeconds): Promise<'kept' | 'gone'>;
  /** Marks a place as empty. @returns 'taken' if the place is not empty; nothing is written then */
  fill(place: EventKey, text: TombstoneText): Promise<'filled' | 'taken'>;
  /**
   * Raises a group's head and marks the skipped places as empty, except those that are taken, in one transaction.
   * @param from the current head; 0 if none
   * @returns 'conflict' if another writer changed the group; nothing is written then
   */
  raiseHead(
    group: string,
    from: number,
    places: readonly number[],
    text: TombstoneText,
  ): Promise<'raised' | 'conflict'>;
  /** The group's head; 0 if none. */
  head(group: string): Promise<number>;
}

/** Lists all cursors of all consumers. */
export interface CursorScanner {
  scan(): AsyncIterable<{ readonly cursors: readonly SeenGroup[]; readonly readUnits: number }>;
}

/** The head takes one action of the transaction. */
const MAX_RAISED_AT_ONCE = TRANSACTION_MAX_ACTIONS - 1;

export interface FillRequest {
  readonly group: string;
  readonly from: number;
  readonly to: number;
}

export type FillResult =
  | {
      readonly kind: 'filled';
      readonly filled: readonly number[];
      /** Places that are not empty. They were not changed. */
      readonly taken: readonly number[];
    }
  /** Nothing was written, because the group has not used these sequences yet. */
  | { readonly kind: 'beyond'; readonly lastUsed: number };

/** Marks places of a group as empty, so that consumers continue after them. Safe to repeat. */
export async function fillPlaces(
  repair: Pick<LogRepair, 'lastUsed' | 'fill'>,
  { group, from, to }: FillRequest,
  text: TombstoneText,
): Promise<FillResult> {
  const lastUsed = await repair.lastUsed(group);
  if (to > lastUsed) return { kind: 'beyond', lastUsed };
  const filled: number[] = [];
  const taken: number[] = [];
  for (let sequence = from; sequence <= to; sequence++) {
    const list = (await repair.fill({ group, sequence }, text)) === 'filled' ? filled : taken;
    list.push(sequence);
  }
  return { kind: 'filled', filled, taken };
}

export interface KeepDeps {
  readonly cursors: Pick<CursorStore, 'read'>;
  readonly repair: Pick<LogRepair, 'lastUsed' | 'keep'>;
  readonly clock: Clock;
  /** Limits writes, in events per second. */
  readonly limiter: RateLimiter;
}

export type KeepResult =
  | {
      readonly kind: 'kept';
      /** The first event that the consumer has not processed, and the last of the group. */
      readonly from: number;
      readonly to: number;
      readonly kept: number;
      /** Sequences that the log no longer has. */
      readonly gone: readonly number[];
    }
  /** The consumer has processed all events of the group. */
  | { readonly kind: 'up-to-date' }
  | { readonly kind: 'no-cursor' };

/**
 * Extends the retention of a group's unprocessed events to at least `days` from now, so that a held group loses no
 * events before an operator decides. Safe to repeat.
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

export interface RaiseHeadsDeps {
  readonly scanner: CursorScanner;
  readonly repair: Pick<LogRepair, 'head' | 'raiseHead'>;
  /** Limits the scan and the reads of heads, in read units per second. */
  readonly readLimiter: RateLimiter;
}

export interface RaiseHeadsOptions {
  /** Whether to raise heads or only report them. */
  readonly apply: boolean;
  readonly text: TombstoneText;
  readonly onProgress?: (progress: RaiseHeadsProgress) => void;
}

export interface RaiseHeadsProgress {
  readonly cursors: number;
  readonly readUnits: number;
  /** Heads that are behind a sequence that a consumer has seen. */
  readonly behind: number;
}

/** A group whose next events would reuse sequences that a consumer has seen. */
export interface RaisedHead {
  readonly group: string;
  readonly from: number;
  readonly to: number;
  readonly raised: boolean;
}

/** Maximum number of conflicts with producers in one group. */
const MAX_CONFLICTS = 20;

/**
 * Raises every group's head to the highest sequence that any consumer has seen, after the outbox table was restored to
 * an earlier time. Otherwise new events would reuse sequences that consumers have passed. Marks the places in between
 * as empty, so that other consumers do not wait for them. Head and marks are written in one transaction that fails if a
 * producer wrote first, so it is safe to run while producers write, and to interrupt and repeat.
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

/** The highest sequence of each group on a page. */
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
    const count = Math.min(seen - from, MAX_RAISED_AT_ONCE);
    const places = Array.from({ length: count }, (_, index) => from + 1 + index);
    if ((await repair.raiseHead(group, from, places, text)) === 'raised') continue;
    conflicts += 1;
    if (conflicts === MAX_CONFLICTS) {
      throw new Error(`producers changed the head of group '${group}' ${MAX_CONFLICTS} times: run the command again`);
    }
  }
}

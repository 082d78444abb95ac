import type { Clock, EpochMs, EpochSeconds } from '../shared/time.ts';
import { addMs } from '../shared/time.ts';
import type { EventLog } from './ports.ts';

/** Places of a group that the log does not show, both ends included. */
export interface MissingPlaces {
  readonly from: number;
  readonly to: number;
}

/** No read misses a committed event for as long as that. */
const SETTLED_MS = 3_600_000;

/**
 * Whether retention has certainly taken the missing events of a group: the first place behind them, or the group's
 * head, says by when it may have. What older code has written does not say it. There, what is missing at the beginning
 * of the log counts as taken, since retention takes the oldest first; and so does what is missing before an event whose
 * own time is over.
 */
export async function areExpired(
  { log, clock }: { readonly log: EventLog; readonly clock: Clock },
  group: string,
  { from, to }: MissingPlaces,
): Promise<boolean> {
  const now = clock.now();
  const [next] = await log.places(group, to + 1, Number.MAX_SAFE_INTEGER, 1);
  if (next !== undefined) {
    if (next.previousExpires !== undefined) return isOver(next.previousExpires, now);
    if (next.expires !== undefined && isOver(next.expires, now)) return true;
    return next.committedAt < addMs(now, -SETTLED_MS) && (await isBeginning(log, group, from));
  }
  const end = await log.end(group);
  if (end?.lastExpires !== undefined) return end.last >= to && isOver(end.lastExpires, now);
  return (end === undefined || end.last >= to) && (await isBeginning(log, group, from));
}

const isOver = (expires: EpochSeconds, now: EpochMs): boolean => expires * 1000 <= now;

const isBeginning = async (log: EventLog, group: string, from: number): Promise<boolean> =>
  (await log.places(group, 1, from - 1, 1)).length === 0;

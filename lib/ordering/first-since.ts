import { addMs, type EpochMs } from '../shared/time.ts';
import type { EventLog, LogPlace } from './ports.ts';

/** By how much the clocks of two producers, hence the commit times of one group's events, may be out of step. */
export const CLOCK_SKEW_MS = 60_000;

/** Places of one read once the bisection has come near. */
const PAGE_PLACES = 1_000;

/**
 * The oldest place of a group that was not committed before `instant`; undefined when there is none up to `upTo`.
 *
 * Commit times grow with sequences but for the skew of clocks. So it looks, by bisection, for a place that certainly is
 * not behind the one wanted, and goes on from there: some twenty reads of one item for a group of a million.
 */
export async function firstSince(
  log: Pick<EventLog, 'places'>,
  group: string,
  instant: EpochMs,
  upTo: number,
): Promise<LogPlace | undefined> {
  const near = addMs(instant, -CLOCK_SKEW_MS);
  const [oldest] = await log.places(group, 1, upTo, 1);
  if (oldest === undefined || oldest.committedAt >= instant) return oldest;
  const from = oldest.committedAt >= near ? oldest.sequence : await firstNear(log, group, near, oldest.sequence, upTo);
  for (let start = from; start <= upTo; ) {
    const places = await log.places(group, start, upTo, PAGE_PLACES);
    const found = places.find(({ committedAt }) => committedAt >= instant);
    const last = places.at(-1);
    if (found !== undefined || last === undefined) return found;
    start = last.sequence + 1;
  }
  return undefined;
}

/** A sequence up to which no place is new enough; `upTo` at most. @param tooOld the sequence of an older place */
async function firstNear(
  log: Pick<EventLog, 'places'>,
  group: string,
  near: EpochMs,
  tooOld: number,
  upTo: number,
): Promise<number> {
  let low = tooOld;
  let high = upTo;
  while (high - low > 1) {
    const middle = low + Math.floor((high - low) / 2);
    const [place] = await log.places(group, middle, high, 1);
    if (place === undefined || place.committedAt >= near) high = middle;
    else low = place.sequence;
  }
  return high;
}

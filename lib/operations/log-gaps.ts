import { areExpired, type EventLog } from '../consumer/index.ts';
import type { Clock, EpochMs, EpochSeconds } from '../shared/time.ts';
import type { LogItem } from './ports.ts';

/** What is wrong with a group of the log. */
export type LogGap =
  /** The log must hold these sequences and does not show them. */
  | { readonly kind: 'log-hole'; readonly group: string; readonly from: number; readonly to: number }
  /** The head is behind the group's last event: the next event would have the same sequence as one that exists. */
  | { readonly kind: 'head-behind'; readonly group: string; readonly from: number; readonly to: number };

/** The group in which a walk stands. It survives the end of a run. */
export interface OpenGroup {
  readonly group: string;
  /** The last sequence that the walk has met; 0 if none. */
  readonly last: number;
  readonly head: Pick<LogItem & { kind: 'head' }, 'last' | 'lastExpires' | 'versioned'> | undefined;
}

/** Follows a walk item by item, and finds what may be missing. Each must be confirmed, because a walk is no snapshot. */
export function followItem(
  open: OpenGroup | undefined,
  item: LogItem,
  now: EpochMs,
): { readonly open: OpenGroup; readonly gaps: readonly LogGap[] } {
  const { group } = item;
  const isSame = open?.group === group;
  const ended = isSame ? [] : endOfGroup(open, now);
  const known: OpenGroup = isSame ? open : { group, last: 0, head: undefined };
  if (item.kind === 'head') return { open: { ...known, head: item }, gaps: ended };
  const { sequence, previousExpires, expires } = item;
  const isMissing = sequence > known.last + 1 && mustBeThere(previousExpires, expires, known, now);
  const hole: readonly LogGap[] = isMissing
    ? [{ kind: 'log-hole', group, from: known.last + 1, to: sequence - 1 }]
    : [];
  return { open: { ...known, last: sequence }, gaps: [...ended, ...hole] };
}

/** Whether places before an item may be missing for another reason than their expiry. */
function mustBeThere(
  previousExpires: EpochSeconds | undefined,
  expires: EpochSeconds | undefined,
  { last }: OpenGroup,
  now: EpochMs,
): boolean {
  if (previousExpires !== undefined) return !isExpired(previousExpires, now);
  // older releases do not say it: the first events expire first, and those before an expired one have expired, too
  return last > 0 && !(expires !== undefined && isExpired(expires, now));
}

/** What may be missing behind the last item of a group. */
export function endOfGroup(open: OpenGroup | undefined, now: EpochMs): readonly LogGap[] {
  if (open?.head === undefined) return [];
  const { group, last, head } = open;
  if (head.last < last) {
    // an aggregate's own versions need no head that is up to date
    return head.versioned ? [] : [{ kind: 'head-behind', group, from: head.last, to: last }];
  }
  const isGone = head.lastExpires === undefined ? last === 0 : isExpired(head.lastExpires, now);
  return head.last === last || isGone ? [] : [{ kind: 'log-hole', group, from: last + 1, to: head.last }];
}

const isExpired = (expires: EpochSeconds, now: EpochMs): boolean => expires * 1000 <= now;

/** Places per read. */
const PAGE_PLACES = 1_000;

/** Reads again, strongly consistent. @returns undefined if the log is in order after all */
export async function confirmGap(
  gap: LogGap,
  deps: { readonly log: Pick<EventLog, 'places' | 'end'> & EventLog; readonly clock: Clock },
): Promise<LogGap | undefined> {
  const { group } = gap;
  if (gap.kind === 'head-behind') {
    const last = (await deps.log.end(group))?.last ?? 0;
    return last < gap.to ? { ...gap, from: last } : undefined;
  }
  const missing = await firstMissing(gap, deps.log);
  if (missing === undefined || (await areExpired(deps, group, missing))) return undefined;
  return { ...gap, ...missing };
}

/** The first missing range of a gap, and what is missing after it. */
async function firstMissing(
  { group, from, to }: LogGap,
  log: Pick<EventLog, 'places'>,
): Promise<Pick<LogGap, 'from' | 'to'> | undefined> {
  let expected = from;
  while (expected <= to) {
    const places = await log.places(group, expected, to, PAGE_PLACES);
    for (const { sequence } of places) {
      if (sequence > expected) return { from: expected, to: sequence - 1 };
      expected = sequence + 1;
    }
    if (places.length === 0) return { from: expected, to };
  }
  return undefined;
}

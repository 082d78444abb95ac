import { describe, expect, it } from 'vitest';
import type { EventLog, LogPlace } from '../../../lib/consumer/index.ts';
import { confirmGap, endOfGroup, followItem, type LogGap, type OpenGroup } from '../../../lib/operations/log-gaps.ts';
import type { LogItem } from '../../../lib/operations/ports.ts';
import type { EpochMs, EpochSeconds } from '../../../lib/shared/time.ts';

const NOW = 1_000_000_000 as EpochMs;
const LATER = 2_000_000 as EpochSeconds;
const PAST = 900_000 as EpochSeconds;

const head = (last: number, more: Partial<LogItem> = {}): LogItem =>
  ({ kind: 'head', group: 'g', last, lastExpires: LATER, versioned: false, ...more }) as LogItem;

const event = (sequence: number, previousExpires: EpochSeconds | undefined = LATER, group = 'g'): LogItem => ({
  kind: 'event',
  group,
  sequence,
  id: `${group}/${sequence}`,
  source: '/s',
  type: 't',
  committedAt: NOW,
  expires: LATER,
  previousExpires,
});

function gapsOf(items: readonly LogItem[]): readonly LogGap[] {
  const gaps: LogGap[] = [];
  let open: OpenGroup | undefined;
  for (const item of items) {
    const next = followItem(open, item, NOW);
    gaps.push(...next.gaps);
    open = next.open;
  }
  return [...gaps, ...endOfGroup(open, NOW)];
}

describe('a walk through the log', () => {
  it.each<[string, readonly LogItem[], readonly string[]]>([
    ['a whole group', [head(3), event(1), event(2), event(3)], []],
    ['an event missing in the middle', [head(3), event(1), event(3)], ['log-hole 2-2']],
    ['events missing at the beginning, which have not expired', [head(3), event(3)], ['log-hole 1-2']],
    ['events missing at the beginning, which have expired', [head(3), event(3, PAST)], []],
    ['the last event missing', [head(3), event(1), event(2)], ['log-hole 3-3']],
    ['a group of which all has expired', [head(3, { lastExpires: PAST } as Partial<LogItem>)], []],
    ['a group of which nothing is left too early', [head(3)], ['log-hole 1-3']],
    [
      'a place that was marked as empty',
      [head(2), event(1), { kind: 'tombstone', group: 'g', sequence: 2 } as LogItem],
      [],
    ],
    ['a head that is behind', [head(1), event(1), event(2)], ['head-behind 1-2']],
    [
      "a head that is behind an aggregate's own versions",
      [head(1, { versioned: true } as Partial<LogItem>), event(1), event(2)],
      [],
    ],
    ['events of older releases without a head', [{ ...event(7), previousExpires: undefined } as LogItem, event(8)], []],
    ['an end before the next group', [head(2), event(1), event(1, undefined, 'h')], ['log-hole 2-2']],
  ])('suspects the right places of %s', (_, items, expected) => {
    expect(gapsOf(items).map(({ kind, from, to }) => `${kind} ${from}-${to}`)).toStrictEqual(expected);
  });
});

describe('confirmGap', () => {
  const logOf = (places: readonly number[], last: number): EventLog => ({
    read: async () => [],
    places: async (_, from, upTo) =>
      places
        .filter((sequence) => sequence >= from && sequence <= upTo)
        .map((sequence) => ({ sequence, committedAt: NOW, expires: LATER, previousExpires: LATER }) as LogPlace),
    end: async () => ({ last, lastExpires: LATER }),
  });
  const hole: LogGap = { kind: 'log-hole', group: 'g', from: 2, to: 5 };
  const clock = { now: () => NOW };

  it('narrows a hole to what is missing', async () => {
    expect(await confirmGap(hole, { log: logOf([1, 2, 4, 5], 5), clock })).toStrictEqual({ ...hole, from: 3, to: 3 });
  });

  it('forgets a hole that a consistent read does not see', async () => {
    expect(await confirmGap(hole, { log: logOf([1, 2, 3, 4, 5], 5), clock })).toBeUndefined();
  });

  it('reads the head again', async () => {
    const behind: LogGap = { kind: 'head-behind', group: 'g', from: 1, to: 3 };
    expect(await confirmGap(behind, { log: logOf([], 3), clock })).toBeUndefined();
    expect(await confirmGap(behind, { log: logOf([], 2), clock })).toStrictEqual({ ...behind, from: 2 });
  });
});

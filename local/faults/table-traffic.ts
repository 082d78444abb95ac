import type { EngineClock } from '../clock.ts';

/** How many calls tables get. */
export interface TableTraffic {
  /** Counts a call. @returns whether this second has more than twice the calls of the busiest one in half an hour. */
  count(tableName: string): boolean;
}

const WINDOW_MS = 1_000;

/** On-demand tables take twice their previous peak; beyond it within this time they may throttle. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html */
const PEAK_LASTS_MS = 30 * 60 * 1000;

/** Calls a second that every table takes; on AWS a new one takes 4,000 writes, which no run on a laptop comes near. */
const LEAST_PEAK = 2;

interface Traffic {
  windowStartsAt: number;
  calls: number;
  /** Busiest seconds, each busier than all that came after it. */
  peaks: readonly { readonly at: number; readonly calls: number }[];
}

export function createTableTraffic(clock: EngineClock): TableTraffic {
  const tables = new Map<string, Traffic>();

  const endWindow = (traffic: Traffic, now: number) => {
    const ended = { at: traffic.windowStartsAt, calls: traffic.calls };
    const lasting = traffic.peaks.filter(({ at, calls }) => at > now - PEAK_LASTS_MS && calls > ended.calls);
    traffic.peaks = [...lasting, ended];
    traffic.windowStartsAt = now;
    traffic.calls = 0;
  };

  return {
    count(tableName) {
      const now = clock.now();
      const traffic = tables.get(tableName) ?? { windowStartsAt: now, calls: 0, peaks: [] };
      tables.set(tableName, traffic);
      if (now - traffic.windowStartsAt >= WINDOW_MS) endWindow(traffic, now);
      traffic.calls++;
      const peak = traffic.peaks.find(({ at }) => at > now - PEAK_LASTS_MS)?.calls ?? 0;
      return traffic.calls > 2 * Math.max(peak, LEAST_PEAK);
    },
  };
}

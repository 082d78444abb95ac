import type { Takes } from '../contracts/index.ts';
import type { EventLog, LoggedEvent } from './ports.ts';

/** A group's events of the types that a consumer takes, read from the log a page at a time. */
export interface TakenEvents {
  /** The first in (after, upTo]; undefined when there is none. */
  next(after: number, upTo: number): Promise<LoggedEvent | undefined>;
}

export function createTakenEvents(group: string, log: EventLog, takes: Takes): TakenEvents {
  let page: readonly LoggedEvent[] = [];
  return {
    async next(after, upTo) {
      for (let from = after; from < upTo; ) {
        page = page.filter(({ sequence }) => sequence > from);
        // what the page holds is committed for good; only a page that begins later may have a hole before it
        if (page[0]?.sequence !== from + 1) page = await log.read(group, from, upTo);
        const found = page.find((event) => event.sequence <= upTo && takes(event));
        const last = page.at(-1);
        if (found !== undefined || last === undefined) return found;
        from = last.sequence;
      }
      return undefined;
    },
  };
}

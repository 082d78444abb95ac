import { takesOf } from '../definitions/index.ts';
import type { GroupScanner } from '../projection/ports.ts';
import type { InMemoryOutboxStore } from './in-memory-outbox-store.ts';

/** Small, so that tests read several pages. */
const PAGE_GROUPS = 2;

/** Over the log of an outbox store in memory. @param createdAt when the log was created, milliseconds since 1970 */
export const createInMemoryGroupScanner = (
  store: Pick<InMemoryOutboxStore, 'events'>,
  createdAt: number,
): GroupScanner => ({
  async page(types, after) {
    const wanted = store.events.filter(takesOf(types)).map(({ group }) => group);
    const rest = [...new Set(wanted)].toSorted().filter((group) => after === undefined || group > after);
    const groups = rest.slice(0, PAGE_GROUPS);
    return { groups, next: rest.length > PAGE_GROUPS ? groups.at(-1) : undefined, readUnits: groups.length };
  },
  createdAt: async () => createdAt,
});

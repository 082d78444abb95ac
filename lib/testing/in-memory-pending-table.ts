import type { EventKey } from '../outbox/event-record.ts';
import type { PendingTable } from '../outbox/sweeper/ports.ts';
import type { EpochMs } from '../shared/time.ts';
import type { InMemoryPendingMarkers } from './in-memory-pending-markers.ts';

export interface InMemoryPendingTableProps {
  /** The markers to list. */
  readonly markers: Pick<InMemoryPendingMarkers, 'keys' | 'noteOf'>;
  readonly committedAtOf: (key: EventKey) => EpochMs;
  /** Small, so that tests read several pages. @default 3 */
  readonly pageSize?: number;
}

/** Lists the relay's markers in memory, group by group. */
export function createInMemoryPendingTable(props: InMemoryPendingTableProps): PendingTable {
  const { markers, committedAtOf, pageSize = 3 } = props;
  return {
    async *pages(signal) {
      const groups = Map.groupBy(markers.keys(), ({ group }) => group);
      const all = [...groups.values()].flatMap((keys) => keys.toSorted((a, b) => a.sequence - b.sequence));
      for (let start = 0; start < all.length; start += pageSize) {
        signal.throwIfAborted();
        yield all.slice(start, start + pageSize).map(({ group, sequence }) => ({
          group,
          sequence,
          committedAt: committedAtOf({ group, sequence }),
          quarantined: markers.noteOf({ group, sequence }),
        }));
      }
    },
  };
}

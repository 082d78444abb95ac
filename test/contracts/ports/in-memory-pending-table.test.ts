import type { EpochMs } from '../../../lib/shared/time.ts';
import { createInMemoryPendingMarkers } from '../../../lib/testing/in-memory-pending-markers.ts';
import { createInMemoryPendingTable } from '../../../lib/testing/in-memory-pending-table.ts';
import { describePendingTable } from './pending-table.ts';

describePendingTable('in memory', async () => {
  const markers = createInMemoryPendingMarkers();
  const committedAt = new Map<string, EpochMs>();
  const nameOf = ({ group, sequence }: { group: string; sequence: number }) => `${sequence} ${group}`;
  return {
    table: createInMemoryPendingTable({
      markers,
      committedAtOf: (key) => committedAt.get(nameOf(key)) ?? (0 as EpochMs),
    }),
    seed: async (seeded) => {
      for (const marker of seeded) {
        markers.put(marker);
        committedAt.set(nameOf(marker), marker.committedAt);
        if (marker.quarantined === undefined) continue;
        await markers.quarantine(marker, marker.quarantined, new AbortController().signal);
      }
    },
    close: async () => {},
  };
});

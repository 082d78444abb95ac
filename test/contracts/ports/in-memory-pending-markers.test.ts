import { createInMemoryPendingMarkers } from '../../../lib/testing/in-memory-pending-markers.ts';
import { describePendingMarkers } from './pending-markers.ts';

describePendingMarkers('in memory', async () => {
  const markers = createInMemoryPendingMarkers();
  return {
    markers,
    seed: async (keys) => markers.put(...keys),
    read: async ({ group, sequence }) => {
      const found = markers.keys().some((key) => key.group === group && key.sequence === sequence);
      return found ? markers.noteOf({ group, sequence }) : 'no marker';
    },
    close: async () => {},
  };
});

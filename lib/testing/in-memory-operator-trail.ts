import type { OperatorTrail, TrailEntry } from '../operations/index.ts';

/** An audit trail for tests. */
export function createInMemoryOperatorTrail(): OperatorTrail {
  const entries: TrailEntry[] = [];
  return {
    add: async (entry) => void entries.unshift(entry),
    async *since(instant) {
      const found = entries.filter(({ at }) => at >= instant);
      if (found.length > 0) yield found;
    },
  };
}

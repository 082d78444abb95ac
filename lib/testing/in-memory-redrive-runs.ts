import type { ActiveRuns, RedriveItem, RedriveRuns, RunChange, RunLease, StoredRun } from '../operations/index.ts';

const CHUNK_SIZE = 100;

interface KeptRun extends StoredRun {
  readonly fence: number;
  readonly chunks: readonly (readonly RedriveItem[])[];
}

/** Runs for tests. */
export function createInMemoryRedriveRuns(): RedriveRuns {
  const runs = new Map<string, KeptRun>();
  const active = new Map<string, ActiveRuns>();

  const activeOf = (consumer: string): ActiveRuns => active.get(consumer) ?? { ids: [], revision: 0 };

  const changeActive = (consumer: string, change: (ids: readonly string[]) => readonly string[]) => {
    const { ids, revision } = activeOf(consumer);
    active.set(consumer, { ids: change(ids), revision: revision + 1 });
  };

  /** @returns undefined if another driver has it */
  const change = ({ runId, fence }: RunLease, { run, chunks = new Map() }: RunChange): KeptRun | undefined => {
    const kept = runs.get(runId);
    if (kept?.fence !== fence) return undefined;
    const next = { ...kept, run, chunks: kept.chunks.map((chunk, number) => chunks.get(number) ?? chunk) };
    runs.set(runId, next);
    return next;
  };

  const storedOf = ({ run, driver, stopRequest }: KeptRun): StoredRun => ({ run, driver, stopRequest });

  return {
    active: async (consumer) => activeOf(consumer),

    async create(run, items, since) {
      if (activeOf(run.consumer).revision !== since.revision || runs.has(run.id)) return 'conflict';
      const chunks = Array.from({ length: Math.ceil(items.length / CHUNK_SIZE) }, (_, number) =>
        items.slice(number * CHUNK_SIZE, (number + 1) * CHUNK_SIZE),
      );
      runs.set(run.id, { run, driver: undefined, stopRequest: undefined, fence: 0, chunks });
      changeActive(run.consumer, (ids) => [...ids, run.id]);
      return 'created';
    },

    async find(id) {
      const kept = runs.get(id);
      return kept && storedOf(kept);
    },

    list: async (most) =>
      [...runs.values()]
        .toSorted((one, other) => (one.run.id < other.run.id ? 1 : -1))
        .slice(0, most)
        .map(storedOf),

    items: async (id) => runs.get(id)?.chunks ?? [],

    async take(run, driver, now, since) {
      const kept = runs.get(run.id);
      if (kept === undefined) return 'conflict';
      if (kept.driver !== undefined && kept.driver.until >= now) return 'driven';
      if (since !== undefined && activeOf(run.consumer).revision !== since.revision) return 'conflict';
      const fence = kept.fence + 1;
      runs.set(run.id, { ...kept, run, driver, stopRequest: undefined, fence });
      if (since !== undefined) changeActive(run.consumer, (ids) => [...new Set([...ids, run.id])]);
      return { runId: run.id, fence };
    },

    async save(lease, changed, driver) {
      const kept = change(lease, changed);
      if (kept === undefined) return 'lost';
      runs.set(lease.runId, { ...kept, driver });
      return { stopRequest: kept.stopRequest };
    },

    async end(lease, changed) {
      const kept = change(lease, changed);
      if (kept === undefined) return 'lost';
      runs.set(lease.runId, { ...kept, driver: undefined });
      changeActive(kept.run.consumer, (ids) => ids.filter((id) => id !== lease.runId));
      return 'ended';
    },

    async release(lease, changed) {
      const kept = change(lease, changed);
      if (kept === undefined) return 'lost';
      runs.set(lease.runId, { ...kept, driver: undefined });
      return 'released';
    },

    async requestStop(id, request) {
      const kept = runs.get(id);
      if (kept?.run.status !== 'running') return 'ended';
      runs.set(id, { ...kept, stopRequest: request });
      return 'requested';
    },
  };
}

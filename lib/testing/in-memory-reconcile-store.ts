import type { ReconcilePass, ReconcileStore, StoredFinding } from '../operations/reconcile-run.ts';

/** A store for tests. */
export function createInMemoryReconcileStore(): ReconcileStore {
  let stored: ReconcilePass | undefined;
  let found: readonly StoredFinding[] = [];
  return {
    pass: async () => stored,
    findings: async () => found,
    async save(current, pass, findings) {
      if ((stored?.revision ?? 0) !== current) return 'conflict';
      stored = { ...pass, revision: current + 1 };
      found = findings ?? found;
      return 'saved';
    },
  };
}

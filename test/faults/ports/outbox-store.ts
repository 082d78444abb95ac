import type { OutboxStore } from '../../../lib/outbox/index.ts';
import type { Execution } from '../execution.ts';

/** The store as an execution reaches it. */
export function reachOutboxStore(store: OutboxStore, execution: Execution): OutboxStore {
  const applied = new Set<string>();
  return {
    readHeads: (groups) => execution.call('read heads', () => store.readHeads(groups)),
    commit: (commit) =>
      execution.call('commit', () => store.commit(commit), {
        // what was applied under its token is answered for, whatever else goes on
        conflict: () =>
          applied.has(commit.token) ? store.commit(commit) : { kind: 'conflict', reason: 'TransactionConflict' },
        'in progress': async () => {
          const outcome = await store.commit(commit);
          if (outcome.kind !== 'committed') return outcome;
          applied.add(commit.token);
          return { kind: 'in-progress' };
        },
      }),
  };
}

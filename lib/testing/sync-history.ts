import type { ItemRecord, RunRecord, SubscriptionKey, Sync } from '../sync/index.ts';

export interface SyncHistory {
  /** All runs of a provider's subscription, the oldest first. */
  runsOf(subscription: SubscriptionKey): Promise<readonly RunRecord[]>;
  /** What a run did with records, in the order of their ids. */
  itemsOf(run: Pick<RunRecord, 'runId'>): Promise<readonly ItemRecord[]>;
}

/**
 * Reads what a sync has done, for tests.
 *
 * @example
 * const { runsOf, itemsOf } = syncHistory(sync);
 * const [first] = await runsOf({ sync: 'products', provider: 'supplier-a' });
 */
export function syncHistory({ store }: Pick<Sync, 'store'>): SyncHistory {
  return {
    runsOf: async (subscription) => (await all((after) => store.runs(subscription, after))).toReversed(),
    itemsOf: ({ runId }) => all((after) => store.items(runId, after)),
  };
}

async function all<Item>(
  read: (after: string | undefined) => Promise<{ readonly items: readonly Item[]; readonly next: string | undefined }>,
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let after: string | undefined;
  do {
    const page = await read(after);
    found.push(...page.items);
    after = page.next;
  } while (after !== undefined);
  return found;
}

import type { CloudEvent } from '../contracts/index.ts';
import { ifUnchanged } from '../outbox/index.ts';
import type { TenantTable } from '../tenancy/ports.ts';
import { hashOf } from './hash-of.ts';
import { DRAFT_MAX_WRITES } from './limits.ts';
import type { ItemsProjection, ViewKey } from './projection.ts';
import { runStep } from './run-step.ts';
import { keysOf, type LeftItem, leftBy } from './step-results.ts';
import { STORED, type StoredItem, type ViewKeys } from './stored-item.ts';
import type { ViewDraft } from './view-draft.ts';

interface DraftedGeneration {
  readonly table: Pick<TenantTable<StoredItem>, 'get'>;
  readonly keys: ViewKeys;
  readonly generation: number;
}

interface DraftedItem<Item> {
  readonly key: ViewKey;
  /** Of the item in the table; 0 where there is none. */
  readonly revision: number;
  /** As the next event's step gets it. */
  readonly item: Item | undefined;
}

interface ChangedItem<Item> extends DraftedItem<Item>, LeftItem<Item> {
  /** The last event that changed it. */
  readonly event: CloudEvent;
}

/** Items as the events leave them, each read once. */
export function draftItems<Item>(
  projection: ItemsProjection<Item>,
  { table, keys, generation }: DraftedGeneration,
): ViewDraft {
  const drafted = new Map<string, ChangedItem<Item>>();

  return {
    async fold(event) {
      const changed = new Map<string, ChangedItem<Item>>();
      const find = async (key: ViewKey): Promise<DraftedItem<Item>> => {
        const stored = await table.get(keys.toStored(generation, key));
        if (stored === undefined) return { key, revision: 0, item: undefined };
        const item = runStep(projection, event, () => projection.parse(keys.fromStored(generation, stored)));
        return { key, revision: Number(stored[STORED.revision]), item };
      };
      for (const key of runStep(projection, event, () => keysOf(projection, event))) {
        const id = keys.identify(key);
        const before = changed.get(id) ?? drafted.get(id) ?? (await find(key));
        const after = runStep(projection, event, () => leftBy(projection, before.item, event, key));
        changed.set(id, { key, revision: before.revision, ...after, event });
      }
      // one event alone never is: keysOf sees to it
      if (new Set([...drafted.keys(), ...changed.keys()]).size > DRAFT_MAX_WRITES) return 'full';
      for (const [id, item] of changed) drafted.set(id, item);
      return 'folded';
    },

    stage(writes) {
      for (const { key, revision, left, event } of drafted.values()) {
        const unchanged = ifUnchanged(STORED.revision, revision === 0 ? undefined : revision);
        if (left !== undefined) {
          const stored = {
            ...keys.toStoredItem(generation, { ...left, ...key }),
            [STORED.generation]: generation,
            [STORED.revision]: revision === 0 ? firstRevision(event) : revision + 1,
            [STORED.asOf]: event.time,
          };
          runStep(projection, event, () => writes.put({ Item: stored, ...unchanged }));
        } else if (revision > 0) {
          writes.delete({ Key: keys.toStored(generation, key), ...unchanged });
        }
      }
    },
  };
}

/** An item that was deleted and made again since it was read must not look like the one that was read. */
const firstRevision = ({ id }: CloudEvent): number => 1 + hashOf(id);

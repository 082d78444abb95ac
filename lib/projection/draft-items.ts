import type { TenantTable } from '../tenancy/ports.ts';
import { DRAFT_MAX_WRITES } from './limits.ts';
import type { ItemsProjection, ViewKey } from './projection.ts';
import { runStep } from './run-step.ts';
import { createViewKeys, STORED, type StoredItem } from './stored-item.ts';
import type { ViewDraft } from './view-draft.ts';

interface DraftedItem<Item> {
  readonly key: ViewKey;
  /** Of the item in the table; 0 where there is none. */
  readonly revision: number;
  readonly item: Item | undefined;
  readonly asOf: string;
}

/** Items as the events leave them, each read once. */
export function draftItems<Item>(
  projection: ItemsProjection<Item>,
  table: Pick<TenantTable<StoredItem>, 'get'>,
  generation: number,
): ViewDraft {
  const keys = createViewKeys(projection.view);
  const drafted = new Map<string, DraftedItem<Item>>();

  return {
    async fold(event) {
      const changed = new Map<string, DraftedItem<Item>>();
      const find = async (key: ViewKey): Promise<DraftedItem<Item>> => {
        const stored = await table.get(keys.toStored(generation, key));
        if (stored === undefined) return { key, revision: 0, item: undefined, asOf: '' };
        const item = runStep(projection, event, () => projection.parse(keys.fromStored(generation, stored)));
        return { key, revision: Number(stored[STORED.revision]), item, asOf: '' };
      };
      for (const key of runStep(projection, event, () => projection.keys(event))) {
        const id = keys.identify(key);
        const before = changed.get(id) ?? drafted.get(id) ?? (await find(key));
        const item = runStep(projection, event, () => projection.evolve[event.type]?.(before.item, event, key));
        changed.set(id, { ...before, item, asOf: event.time });
      }
      if (drafted.size > 0 && new Set([...drafted.keys(), ...changed.keys()]).size > DRAFT_MAX_WRITES) return 'full';
      for (const [id, item] of changed) drafted.set(id, item);
      return 'folded';
    },

    stage(writes) {
      for (const { key, revision, item, asOf } of drafted.values()) {
        const unchanged = {
          ConditionExpression: revision === 0 ? 'attribute_not_exists(#revision)' : '#revision = :revision',
          ExpressionAttributeNames: { '#revision': STORED.revision },
          ...(revision === 0 ? {} : { ExpressionAttributeValues: { ':revision': revision } }),
        };
        if (item !== undefined) {
          const stored = {
            ...keys.toStoredItem(generation, { ...item, ...key }),
            [STORED.generation]: generation,
            [STORED.revision]: revision + 1,
            [STORED.asOf]: asOf,
          };
          writes.put({ Item: stored, ...unchanged });
        } else if (revision > 0) {
          writes.delete({ Key: keys.toStored(generation, key), ...unchanged });
        }
      }
    },
  };
}

import type { CloudEvent } from '../definitions/index.ts';
import { ifUnchanged } from '../outbox/index.ts';
import type { TenantTable, TenantWrites } from '../tenancy/ports.ts';
import { fnv1a } from './fnv1a.ts';
import type { CountersProjection, ItemsProjection, ViewKey } from './projection.ts';
import { additionsOf, DRAFT_MAX_WRITES, type EvolvedItem, evolveItem, keysOf, runStep } from './projection-steps.ts';
import { exactSum, shardFor, toShard } from './sharded-counters.ts';
import { STORED, type StoredItem, type ViewKeys } from './view-items.ts';

/** The uncommitted changes of a few events of one group to one generation of the view. */
export interface ViewDraft {
  /**
   * Adds the event's changes. If it throws or returns `full`, the draft is unchanged.
   * @throws ProjectionStepError `PROJECTION_STEP_FAILED`: the projection's code throws
   */
  fold(event: CloudEvent): Promise<'folded' | 'full'>;
  /** Adds the draft's writes to the unit of work. Writes of items are conditional on the revision that was read. */
  stage(writes: TenantWrites): void;
}

interface DraftedGeneration {
  readonly table: Pick<TenantTable<StoredItem>, 'get'>;
  readonly keys: ViewKeys;
  readonly generation: number;
}

interface DraftedItem<Item> {
  readonly key: ViewKey;
  /** Revision of the item in the table; 0 if there is none. */
  readonly revision: number;
  /** The item as the next event's step gets it. */
  readonly item: Item | undefined;
}

interface ChangedItem<Item> extends DraftedItem<Item>, EvolvedItem<Item> {
  /** The last event that changed it. */
  readonly event: CloudEvent;
}

/** A draft of items. Each item is read once. */
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
        const after = runStep(projection, event, () => evolveItem(projection, before.item, event, key));
        changed.set(id, { key, revision: before.revision, ...after, event });
      }
      // a single event always fits: keysOf limits its items
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

/** If an item is deleted and created again, its new revision must differ from the one that was read. */
const firstRevision = ({ id }: CloudEvent): number => 1 + fnv1a(id);

interface Sum {
  /** The key of the shard. */
  readonly key: ViewKey;
  readonly shard: number | undefined;
  readonly amounts: ReadonlyMap<string, number | bigint>;
  readonly asOf: string;
}

/**
 * A draft of counters: the sums of the added amounts, by item. No item is read and no write is conditional, because
 * additions commute.
 */
export function draftCounters<Item>(
  projection: CountersProjection<Item>,
  { keys, generation }: { readonly keys: ViewKeys; readonly generation: number },
): ViewDraft {
  const { view, shards } = projection;
  const sums = new Map<string, Sum>();

  return {
    async fold(event) {
      const changed = new Map<string, Sum>();
      for (const { key, amounts } of runStep(projection, event, () => additionsOf(projection, event))) {
        const entries = Object.entries(amounts).filter(([, amount]) => amount !== 0);
        if (entries.length === 0) continue;
        const shard = shardFor(view, key, event.partitionkey, shards);
        const sharded = toShard(view, key, shard);
        const id = keys.identify(sharded);
        const summed = new Map((changed.get(id) ?? sums.get(id))?.amounts);
        for (const [name, amount] of entries) summed.set(name, exactSum(amount, summed.get(name) ?? 0));
        changed.set(id, { key: sharded, shard, amounts: summed, asOf: event.time });
      }
      // a single event always fits: additionsOf limits its items
      if (new Set([...sums.keys(), ...changed.keys()]).size > DRAFT_MAX_WRITES) return 'full';
      for (const [id, sum] of changed) sums.set(id, sum);
      return 'folded';
    },

    stage(writes) {
      for (const { key, shard, amounts, asOf } of sums.values()) {
        const entries = [...amounts];
        writes.update({
          Key: keys.toStored(generation, key),
          UpdateExpression: `SET #generation = :generation, #asOf = :asOf${shard === undefined ? '' : ', #shard = :shard'} ADD ${entries.map((_, index) => `#n${index} :n${index}`).join(', ')}`,
          ExpressionAttributeNames: {
            '#generation': STORED.generation,
            '#asOf': STORED.asOf,
            ...(shard === undefined ? {} : { '#shard': STORED.shard }),
            ...Object.fromEntries(entries.map(([name], index) => [`#n${index}`, name])),
          },
          ExpressionAttributeValues: {
            ':generation': generation,
            ':asOf': asOf,
            ...(shard === undefined ? {} : { ':shard': shard }),
            ...Object.fromEntries(entries.map(([, amount], index) => [`:n${index}`, amount])),
          },
        });
      }
    },
  };
}

import { exactSum } from './exact-sum.ts';
import { DRAFT_MAX_WRITES } from './limits.ts';
import type { CountersProjection, ViewKey } from './projection.ts';
import { runStep } from './run-step.ts';
import { shardFor, toShard } from './shards.ts';
import { additionsOf } from './step-results.ts';
import { STORED, type ViewKeys } from './stored-item.ts';
import type { ViewDraft } from './view-draft.ts';

interface Sum {
  /** With the shard, as the table has it. */
  readonly key: ViewKey;
  readonly shard: number | undefined;
  readonly amounts: ReadonlyMap<string, number | bigint>;
  readonly asOf: string;
}

/** What the events add, summed up by item. Adding knows no order: no item is read, and no write is conditional. */
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
      // one event alone never is: additionsOf sees to it
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

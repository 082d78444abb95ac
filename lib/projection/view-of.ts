import type { CloudEvent } from '../contracts/index.ts';
import type { CountersProjection, ItemsProjection, Projection } from './projection.ts';
import { createViewKeys, type StoredItem } from './stored-item.ts';

/**
 * The view that these events make, in memory: for tests of a projection. Items come in the order of their first events.
 * @param events as handlers get them, in the order in which they are to be folded
 */
export const viewOf = <Item>(projection: Projection<Item>, events: readonly CloudEvent[]): readonly Item[] =>
  projection.kind === 'items' ? evolved(projection, events) : addedUp(projection, events);

function evolved<Item>(projection: ItemsProjection<Item>, events: readonly CloudEvent[]): readonly Item[] {
  const { identify } = createViewKeys(projection.view);
  const items = new Map<string, Item>();
  for (const event of events) {
    const evolve = projection.evolve[event.type];
    if (evolve === undefined) continue;
    for (const key of projection.keys(event)) {
      const item = evolve(items.get(identify(key)), event, key);
      if (item === undefined) items.delete(identify(key));
      else items.set(identify(key), projection.parse({ ...item, ...key }));
    }
  }
  return [...items.values()];
}

function addedUp<Item>(projection: CountersProjection<Item>, events: readonly CloudEvent[]): readonly Item[] {
  const { identify } = createViewKeys(projection.view);
  const sums = new Map<string, StoredItem>();
  for (const event of events) {
    for (const { key, amounts } of projection.additions[event.type]?.(event) ?? []) {
      const sum: Record<string, unknown> = { ...key, ...sums.get(identify(key)) };
      for (const [name, amount] of Object.entries(amounts)) sum[name] = Number(sum[name] ?? 0) + amount;
      sums.set(identify(key), sum);
    }
  }
  return [...sums.values()].map((sum) => projection.parse(sum));
}

import { type CloudEvent, findEventType, ownMember } from '../definitions/index.ts';
import { marshallItem, unmarshallItem } from '../shared/marshalling.ts';
import type { CountersProjection, ItemsProjection, Projection } from './projection.ts';
import { additionsOf, evolveItem, keysOf, runStep } from './projection-steps.ts';
import { exactSum } from './sharded-counters.ts';
import { createViewKeys, type StoredItem } from './view-items.ts';

/**
 * Builds a view in memory, for tests of a projection. Items are in the order of their first events. It skips and
 * refuses the same events and items as the consumer.
 * @param events as handlers get them, in the order in which to apply them
 * @throws ProjectionStepError `PROJECTION_STEP_FAILED` naming the event at which the projection's code failed
 */
export function viewOf<Item>(projection: Projection<Item>, events: readonly CloudEvent[]): readonly Item[] {
  const taken = events.filter((event) => findEventType(projection.subscription.events, event) !== undefined);
  return projection.kind === 'items' ? evolved(projection, taken) : addedUp(projection, taken);
}

function evolved<Item>(projection: ItemsProjection<Item>, events: readonly CloudEvent[]): readonly Item[] {
  const { identify } = createViewKeys(projection.view);
  const items = new Map<string, Item>();
  for (const event of events) {
    runStep(projection, event, () => {
      for (const key of keysOf(projection, event)) {
        const { left } = evolveItem(projection, items.get(identify(key)), event, key);
        if (left === undefined) items.delete(identify(key));
        // marshalled and parsed, as the next step and queries get it from the table
        else items.set(identify(key), projection.parse(asStored(projection.name, { ...left, ...key })));
      }
    });
  }
  return [...items.values()];
}

const asStored = (projection: string, item: object): StoredItem =>
  unmarshallItem(marshallItem(item, `an item of '${projection}'`));

function addedUp<Item>(projection: CountersProjection<Item>, events: readonly CloudEvent[]): readonly Item[] {
  const { identify } = createViewKeys(projection.view);
  const sums = new Map<string, StoredItem>();
  for (const event of events) {
    for (const { key, amounts } of runStep(projection, event, () => additionsOf(projection, event))) {
      const changes = Object.entries(amounts).filter(([, amount]) => amount !== 0);
      if (changes.length === 0) continue;
      const sum: Record<string, unknown> = { ...key, ...sums.get(identify(key)) };
      for (const [name, amount] of changes)
        sum[name] = exactSum(amount, (ownMember(sum, name) ?? 0) as number | bigint);
      sums.set(identify(key), sum);
    }
  }
  return [...sums.values()].map((sum) => projection.parse(sum));
}

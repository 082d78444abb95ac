import { type CloudEvent, findEventType, ownMember } from '../contracts/index.ts';
import { marshallItem, unmarshallItem } from '../shared/marshalling.ts';
import { exactSum } from './exact-sum.ts';
import type { CountersProjection, ItemsProjection, Projection } from './projection.ts';
import { runStep } from './run-step.ts';
import { additionsOf, keysOf, leftBy } from './step-results.ts';
import { createViewKeys, type StoredItem } from './stored-item.ts';

/**
 * The view that these events make, in memory: for tests of a projection. Items come in the order of their first events.
 * What its consumer passes by, or refuses, it does as well: events that the projection does not take, keys and items that
 * cannot be stored.
 * @param events as handlers get them, in the order in which they are to be folded
 * @throws ProjectionStepError `PROJECTION_STEP_FAILED` naming the event that the projection's code fails at
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
        const { left } = leftBy(projection, items.get(identify(key)), event, key);
        if (left === undefined) items.delete(identify(key));
        // as the next step and queries read it from the table
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

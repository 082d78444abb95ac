import { ContractError } from './errors.ts';
import type { EventDefinition } from './event-definition.ts';

/** `fifo`: within a group, events are handled as they arrive at the queue; a dead letter lets its successors pass. */
export type Ordering = 'fifo';

export interface Subscription<
  Name extends string = string,
  Events extends readonly EventDefinition[] = readonly EventDefinition[],
> {
  readonly name: Name;
  readonly events: Events;
  readonly ordering: Ordering;
}

export interface SubscriptionProps<Name extends string, Events extends readonly EventDefinition[]> {
  /** Name of the consumer, unique per hub: 1 to 40 lower-case letters, digits and hyphens, a letter first. It is part of every inbox key: renaming a consumer makes it forget. */
  readonly name: Name;
  /** The event types that it takes: at least one, each once. */
  readonly events: Events;
  /** @default 'fifo' */
  readonly ordering?: Ordering;
}

/**
 * Declares what a consumer takes. Pure: its construct reads the queue and the rule from it, its code the handlers.
 *
 * @example
 * export const billing = defineSubscription({ name: 'billing', events: [OrderPlaced, OrderCancelled] });
 *
 * @throws ContractError `CONTRACT_INVALID` naming everything that is wrong with the subscription
 */
export function defineSubscription<const Name extends string, const Events extends readonly EventDefinition[]>(
  props: SubscriptionProps<Name, Events>,
): Subscription<Name, Events> {
  const { name, events, ordering = 'fifo' } = props;
  const problems: string[] = [];
  if (!/^[a-z][a-z0-9-]{0,39}$/.test(name)) {
    problems.push(`name must be 1 to 40 lower-case letters, digits and hyphens, a letter first, got '${name}'`);
  }
  if (events.length === 0) problems.push('events must name at least one event, got none');
  const types = events.map((event) => event.type);
  const repeated = types.filter((type, index) => types.indexOf(type) !== index);
  if (repeated.length > 0) problems.push(`events must name each type once, got more of '${repeated.join("', '")}'`);
  if (ordering !== 'fifo') problems.push(`ordering must be 'fifo', got '${String(ordering)}'`);
  if (problems.length > 0) throw new ContractError(`subscription '${name}'`, problems);
  return Object.freeze({ name, events, ordering });
}

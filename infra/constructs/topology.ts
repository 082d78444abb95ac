import type { IConstruct } from 'constructs';
import type { EventDefinition, Subscription } from '../../lib/definitions/index.ts';

type Declared = Pick<EventDefinition, 'type' | 'source'>;

/** An event that a producer declares and no consumer subscribes to. */
interface UnsubscribedEvent {
  readonly producer: IConstruct;
  readonly message: string;
}

/** Who publishes and who subscribes to which events, as declared so far. */
export interface Topology {
  /** @returns the problem if another consumer has the name; nothing was added then */
  addConsumer(subscription: Subscription, consumer: IConstruct): string | undefined;
  addProducer(producer: IConstruct, events: readonly Declared[]): void;
  /** One sentence per subscribed event that no producer publishes. */
  unpublishedIn(subscription: Subscription): readonly string[];
  /** Declared events without a subscription. */
  unsubscribed(): readonly UnsubscribedEvent[];
}

export function createTopology(): Topology {
  const consumers = new Map<string, { readonly subscription: Subscription; readonly construct: IConstruct }>();
  const producers: { readonly construct: IConstruct; readonly events: readonly Declared[] }[] = [];

  const published = (): readonly Declared[] => producers.flatMap(({ events }) => events);
  const taken = (): readonly Declared[] => [...consumers.values()].flatMap(({ subscription }) => subscription.events);

  return {
    addConsumer(subscription, construct) {
      const other = consumers.get(subscription.name);
      if (other === undefined) {
        consumers.set(subscription.name, { subscription, construct });
        return undefined;
      }
      return `subscription.name must be unique on the hub, got '${subscription.name}', which '${other.construct.node.path}' has: rename one of them`;
    },

    addProducer: (construct, events) => void producers.push({ construct, events }),

    unpublishedIn: ({ name, events }) =>
      events
        .filter((event) => !published().some((other) => isSame(other, event)))
        .map(
          (event) =>
            `subscription '${name}' contains ${describe(event)}, which no producer on the hub publishes; ${nearest(event, published())}: ` +
            "declare it where it is published, in an EventConsumer's 'publishes' or in hub.grantPublish(function, [...]), or remove it from the subscription",
        ),

    unsubscribed: () =>
      producers.flatMap(({ construct, events }) =>
        events
          .filter((event) => !taken().some((other) => isSame(other, event)))
          .map((event) => ({
            producer: construct,
            message: `${describe(event)} is published here but no consumer on the hub subscribes to it: it is stored, published and dropped; subscribe to it, or do not publish it`,
          })),
      ),
  };
}

const isSame = (a: Declared, b: Declared): boolean => a.type === b.type && a.source === b.source;

const describe = ({ type, source }: Declared): string => `'${type}' from '${source}'`;

const MOST_SHOWN = 3;

/** The probable event: the same type of another source, otherwise the types with the longest common prefix. */
function nearest(event: Declared, published: readonly Declared[]): string {
  const sameType = published.filter(({ type }) => type === event.type);
  const alike = (sameType.length > 0 ? sameType : published).toSorted(
    (a, b) => commonStart(b.type, event.type) - commonStart(a.type, event.type),
  );
  const found = [...new Set(alike.map(describe))];
  if (found.length === 0) return 'no producer declares any event';
  const shown = found.slice(0, MOST_SHOWN).join(', ');
  return found.length > MOST_SHOWN ? `nearest of the ${found.length} declared are ${shown}` : `declared are ${shown}`;
}

/** Length of the common prefix of two types. */
function commonStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
}

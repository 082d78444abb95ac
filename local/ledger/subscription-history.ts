import { type CloudEvent, OUTBOX_ATTRIBUTES, OUTBOX_KIND } from '../../lib/definitions/index.ts';
import { parseEvent } from '../../lib/event/index.ts';
import { keyOf, recordOf } from '../../lib/outbox/index.ts';
import type { CommittedChange, DynamoDb } from '../dynamodb/dynamodb.ts';
import type { EventBridge } from '../eventbridge/eventbridge.ts';
import type { Consumer, Topology } from './topology.ts';

/** An event of the log, and a consumer that takes it, or took it once. */
export interface Duty {
  /** As it was deployed last. */
  readonly consumer: Consumer;
  /**
   * Whether the consumer has to handle the event: `yes`, where it was subscribed to its type when the event was committed, and
   * has been ever since. `not-yet`: the event was committed before that. `no-more`: a later deployment took its type out of
   * the subscription. Then it may be handled and need not: a deployment changes rules while events are under way.
   */
  readonly owed: 'yes' | 'not-yet' | 'no-more';
}

/** What the consumers of a run are subscribed to, through all its deployments. */
export interface SubscriptionHistory extends Disposable {
  /** As it was deployed last. */
  current(): Topology;
  /** A deployment begins: until it is complete, the rules in force decide. */
  begin(): void;
  /** The deployment has ended, with this; after a rollback, with what there was before. */
  complete(topology: Topology): void;
  dutiesOf(event: CloudEvent, place: Place): readonly Duty[];
}

/** An event's place in the log. */
interface Place {
  readonly group: string;
  readonly sequence: number;
}

/** How things stood when an event was committed. */
interface Commit {
  /** How many deployments were complete. */
  readonly deployments: number;
  /** Targets of the rules in force that take the event; undefined when no deployment was under way. */
  readonly targets: ReadonlySet<string> | undefined;
}

const AT_THE_START: Commit = { deployments: 0, targets: undefined };

/**
 * Watches, from now on until it is disposed of, under which subscriptions each event is committed. It looks at commits and at
 * rules alone: what becomes of an event on its way cannot change what is expected of it.
 */
export function watchSubscriptions(
  first: Topology,
  {
    dynamoDb,
    eventBridge,
  }: { readonly dynamoDb: Pick<DynamoDb, 'onCommit'>; readonly eventBridge: Pick<EventBridge, 'targetsOf'> },
): SubscriptionHistory {
  const topologies: [Topology, ...Topology[]] = [first];
  const commits = new Map<string, Commit>();
  let isDeploying = false;

  const current = (): Topology => topologies.at(-1) ?? first;

  const stopListening = dynamoDb.onCommit((changes) => {
    const deployments = topologies.length - 1;
    for (const change of changes) {
      const body = eventIn(change, current().outboxTableName);
      // what is committed before the first deployment needs no note
      if (body === undefined || (deployments === 0 && !isDeploying)) continue;
      const targets = isDeploying ? new Set(eventBridge.targetsOf(envelopeOf(parseEvent(body), current()))) : undefined;
      commits.set(placeKey(placeOf(change)), { deployments, targets });
    }
  });

  const isSubscribed = (
    { deployments, targets }: Commit,
    takes: readonly boolean[],
    queueArns: ReadonlySet<string | undefined>,
  ): boolean => {
    const before = takes[deployments] === true;
    if (targets === undefined) return before;
    // who takes it before and after a deployment takes it meanwhile, whatever the rules did
    if (before && takes[deployments + 1] === true) return true;
    return [...targets].some((arn) => queueArns.has(arn));
  };

  return {
    current,
    begin() {
      isDeploying = true;
    },
    complete(topology) {
      topologies.push(topology);
      isDeploying = false;
    },
    dutiesOf(event, place) {
      const commit = commits.get(placeKey(place)) ?? AT_THE_START;
      const envelope = envelopeOf(event, first);
      const names = new Set(topologies.flatMap(({ consumers }) => consumers.map(({ name }) => name)));
      return [...names].flatMap((name): Duty[] => {
        const own = topologies.map(({ consumers }) => consumers.filter((consumer) => consumer.name === name));
        const takes = own.map((consumers) => consumers.some((consumer) => consumer.takes(envelope)));
        const consumer = own.flat().at(-1);
        if (consumer === undefined || !takes.includes(true)) return [];
        const queueArns = new Set(own.flat().map(({ queue }) => queue.arn));
        const isKept = takes.slice(commit.deployments + (commit.targets === undefined ? 0 : 1)).every(Boolean);
        if (!isSubscribed(commit, takes, queueArns)) return [{ consumer, owed: 'not-yet' }];
        return [{ consumer, owed: isKept ? 'yes' : 'no-more' }];
      });
    },
    [Symbol.dispose]: stopListening,
  };
}

/** The event as the bus carries it. */
export const envelopeOf = (
  event: CloudEvent,
  { region, accountId: account }: Pick<Topology, 'region' | 'accountId'>,
) => ({
  version: '0',
  id: event.id,
  source: event.source,
  'detail-type': event.type,
  account,
  region,
  time: event.time,
  resources: [],
  detail: event,
});

/** The text of the event that is new in the log; undefined for all other changes. */
function eventIn(
  { tableName, before, after }: CommittedChange,
  outboxTableName: string | undefined,
): string | undefined {
  if (tableName !== outboxTableName || before !== undefined) return undefined;
  return after?.[OUTBOX_ATTRIBUTES.kind]?.S === OUTBOX_KIND.event ? recordOf(after).body : undefined;
}

const placeOf = ({ after = {} }: CommittedChange): Place => keyOf(after);

const placeKey = ({ group, sequence }: Place): string => `${sequence} ${group}`;

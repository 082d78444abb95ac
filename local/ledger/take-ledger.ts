import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inboxRecordKey } from '../../lib/consumer/index.ts';
import type { CloudEvent } from '../../lib/definitions/index.ts';
import { keyText } from '../../lib/outbox/index.ts';
import type { Sqs } from '../sqs/sqs.ts';
import type { EffectAudit } from './effect-audit.ts';
import { TopologyError } from './errors.ts';
import { findHeld } from './held-deliveries.ts';
import { findCompleted } from './inbox-records.ts';
import { type LoggedEvent, type Marker, readMarkers, scanOutbox } from './scan-outbox.ts';
import { type Duty, envelopeOf, type SubscriptionHistory } from './subscription-history.ts';
import type { Topology } from './topology.ts';
import { eventKey, findWaitingMessages, type MessagePlace, type WaitingMessage } from './waiting-messages.ts';

/**
 * `held`: only in the log, since its group waits for an earlier event. `lost`: in none of the places where it could be.
 */
type OpenPlace = MessagePlace | 'pending' | 'quarantined' | 'unreadable' | 'held' | 'lost';

/** An event that a consumer has not handled, and where it is. */
export interface OpenDelivery {
  readonly group: string;
  readonly sequence: number;
  readonly eventId: string;
  readonly eventType: string;
  /** Undefined when the event did not get as far as the bus, and nobody is subscribed to it. */
  readonly consumer: string | undefined;
  readonly place: OpenPlace;
  readonly queueName: string | undefined;
  readonly reason: string | undefined;
}

/** What became of every event of the log. */
export interface Ledger {
  readonly events: number;
  /** Events without a marker. */
  readonly published: number;
  /** Events times consumers. */
  readonly handled: number;
  /** Events times consumers that did not handle them, and need not: a deployment took their type out of the subscription. */
  readonly steppedOver: number;
  /** In the order of the log. */
  readonly open: readonly OpenDelivery[];
  /** Messages of dead-letter and undeliverable queues that stand for no open delivery: handled after all, or no event. */
  readonly strays: readonly WaitingMessage[];
}

export interface LedgerDeps {
  readonly dynamoDb: DynamoDBClient;
  readonly sqs: Pick<Sqs, 'peek'>;
  readonly topology: Topology;
  /** Who has to handle an event. @default - whose rules take it as the topology is */
  readonly dutiesOf?: SubscriptionHistory['dutiesOf'];
  /** What a consumer said last about failing on an event. */
  readonly failureOf: (consumer: string, eventId: string) => string | undefined;
  /** Gets to see every event and delivery of the log. @default nobody */
  readonly audit?: Pick<EffectAudit, 'addEvent' | 'addDelivery'>;
}

interface Expected extends Duty {
  readonly logged: LoggedEvent;
  readonly event: CloudEvent;
  readonly inboxKey: string;
}

/**
 * Looks where every event is: the log says what there is, the rules who takes it, the inboxes what is done. It reads
 * against the direction of the flow (markers, queues, inboxes last), so that an event on the move is not missed.
 * @throws TopologyError `LOCAL_TOPOLOGY_INCOMPLETE` for an app without a hub, which has no log
 */
export async function takeLedger(deps: LedgerDeps): Promise<Ledger> {
  const { dynamoDb, sqs, topology, failureOf, audit } = deps;
  const { outboxTableName, pendingTableName } = topology;
  if (outboxTableName === undefined || pendingTableName === undefined) {
    throw new TopologyError('no function of the run is told of an outbox: the app has no hub');
  }
  const { dutiesOf = (event: CloudEvent) => takersOf(event, topology) } = deps;
  const open: OpenDelivery[] = [];
  const matched = new Set<WaitingMessage>();
  let events = 0;
  let published = 0;
  let handled = 0;
  let steppedOver = 0;

  const markers = await readMarkers(dynamoDb, pendingTableName);
  const messages = findWaitingMessages(sqs, topology);
  const byDelivery = Map.groupBy(messages, ({ consumer, eventKey }) => deliveryKey(consumer, eventKey));

  const toOpen = ({ logged, event, consumer }: Expected): OpenDelivery => {
    const delivery = { ...placeOf(logged), eventType: event.type, consumer: consumer.name };
    const found = byDelivery.get(deliveryKey(consumer.name, eventKey(event))) ?? [];
    for (const message of found) matched.add(message);
    const [message] = found;
    const failure = failureOf(consumer.name, event.id);
    if (message !== undefined) {
      const reason = failure === undefined ? message.reason : `${message.reason}; ${failure}`;
      return { ...delivery, place: message.place, queueName: message.queueName, reason };
    }
    const marker = markers.get(keyText(logged));
    if (marker !== undefined) return { ...delivery, ...waitingForBus(marker) };
    return { ...delivery, place: 'lost', queueName: undefined, reason: failure };
  };

  for await (const page of scanOutbox(dynamoDb, outboxTableName)) {
    events += page.length;
    published += page.filter((logged) => !markers.has(keyText(logged))).length;
    const expected: Expected[] = [];
    for (const logged of page) {
      const { event } = logged;
      if (typeof event === 'string') {
        open.push({ ...placeOf(logged), ...NOBODY, place: 'unreadable', reason: event });
        continue;
      }
      audit?.addEvent(event);
      const duties = dutiesOf(event, logged);
      const marker = markers.get(keyText(logged));
      if (duties.length === 0 && marker !== undefined) {
        open.push({ ...placeOf(logged), ...NOBODY, eventType: event.type, ...waitingForBus(marker) });
      }
      for (const { consumer, owed } of duties) {
        const inboxKey = inboxRecordKey(consumer.name, event);
        expected.push({ logged, event, consumer, owed, inboxKey });
        const isOwed = owed === 'yes';
        audit?.addDelivery({ event, group: logged.group, sequence: logged.sequence, consumer, isOwed, inboxKey });
      }
    }
    for (const [inboxTableName, own] of Map.groupBy(expected, ({ consumer }) => consumer.inboxTableName)) {
      const completed = await findCompleted(
        dynamoDb,
        inboxTableName,
        own.map(({ inboxKey }) => inboxKey),
      );
      for (const each of own) {
        if (completed.has(each.inboxKey)) {
          handled++;
          continue;
        }
        const delivery = toOpen(each);
        if (delivery.place !== 'lost' || each.owed === 'yes') open.push(delivery);
        else if (each.owed === 'no-more') steppedOver++;
      }
    }
  }

  return {
    events,
    published,
    handled,
    steppedOver,
    open: await findHeld(dynamoDb, topology.consumers, open),
    strays: messages.filter((message) => message.place !== 'queued' && !matched.has(message)),
  };
}

const NOBODY = { eventType: 'unknown', consumer: undefined, queueName: undefined } as const;

const placeOf = ({ group, sequence, id }: LoggedEvent) => ({ group, sequence, eventId: id });

const waitingForBus = ({ quarantined }: Marker) =>
  ({
    place: quarantined === undefined ? 'pending' : 'quarantined',
    queueName: undefined,
    reason: quarantined,
  }) as const;

const deliveryKey = (consumer: string, key: string | undefined): string => `${consumer} ${key}`;

/** Those whose rules match the event as the bus carries it. */
function takersOf(event: CloudEvent, topology: Topology): Duty[] {
  const envelope = envelopeOf(event, topology);
  return topology.consumers.filter(({ takes }) => takes(envelope)).map((consumer) => ({ consumer, owed: 'yes' }));
}

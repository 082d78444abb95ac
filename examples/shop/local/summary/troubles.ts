import { groupOf } from '../../../../lib/definitions/index.ts';
import type { Ledger, OpenDelivery } from '../../../../local/ledger/take-ledger.ts';
import type { WaitingMessage } from '../../../../local/ledger/waiting-messages.ts';
import { orderGroup } from '../../functions/order-group.ts';
import { describeOrder, readOrderKey } from '../orders/order-key.ts';
import { describeState, isFinal, type OrderStates } from '../orders/order-states.ts';

export interface OrdersAtTheEnd {
  /** Every order that was sent, once, by `orderKey`. */
  readonly sent: Iterable<string>;
  /** Why an order was not placed, as its caller was told. */
  readonly refusals: ReadonlyMap<string, string>;
  /** Why an order could not be cancelled, as its caller was told. */
  readonly refusedCancellations: ReadonlyMap<string, string>;
  /** As the orders table has them. */
  readonly states: OrderStates;
}

/** One line for every order and message that is not where it should be. */
export function findTroubles(orders: OrdersAtTheEnd, { open, strays }: Ledger): string[] {
  const { sent, refusals, refusedCancellations, states } = orders;
  const openByGroup = Map.groupBy(open, ({ group }) => group);
  const keys = new Set([...sent, ...states.keys()]);
  const ofOrders = [...keys].flatMap((key) => {
    const group = groupOfOrder(key);
    const ownOpen = openByGroup.get(group) ?? [];
    openByGroup.delete(group);
    const state = states.get(key)?.state;
    const order = describeOrder(key);
    if (state === undefined) return [`${order} was not placed: ${refusals.get(key) ?? 'no reason given'}`];
    if (ownOpen.length > 0) return [`${order} is ${describeState(state)}: ${describeOpen(ownOpen)}`];
    return isFinal(state) ? [] : [`${order} is ${describeState(state)}, and nothing of it is under way`];
  });
  const ofOthers = [...openByGroup].map(([group, ownOpen]) => `group ${group}: ${describeOpen(ownOpen)}`);
  const notCancelled = [...refusedCancellations].map(
    ([key, reason]) => `${describeOrder(key)} could not be cancelled: ${reason}`,
  );
  return [...ofOrders, ...notCancelled, ...ofOthers, ...strays.map(describeStray)];
}

/** The group of an order's events, in its tenant's name where there is one. */
function groupOfOrder(key: string): string {
  const { tenantId, orderId } = readOrderKey(key);
  return groupOf(tenantId, orderGroup({ orderId }));
}

function describeOpen(deliveries: readonly OpenDelivery[]): string {
  const [first] = deliveries;
  if (first === undefined) return 'nothing is open';
  const { eventType, sequence, consumer, reason } = first;
  const whose = consumer === undefined ? '' : ` for ${consumer}`;
  const why = reason === undefined ? '' : ` (${reason})`;
  const more = deliveries.length === 1 ? '' : `, and ${deliveries.length - 1} more`;
  return `${eventType}, sequence ${sequence},${whose} ${whereOf(first)}${why}${more}`;
}

function whereOf({ place, queueName }: OpenDelivery): string {
  switch (place) {
    case 'queued':
      return `waits in ${queueName}`;
    case 'dead-letter':
      return `is a dead letter in ${queueName}`;
    case 'undeliverable':
      return `could not be delivered and is in ${queueName}`;
    case 'pending':
      return 'is not published yet';
    case 'quarantined':
      return 'is quarantined in the outbox';
    case 'unreadable':
      return 'is no event that can be read';
    case 'held':
      return 'is held';
    case 'lost':
      return 'is lost';
  }
}

const describeStray = ({ messageId, queueName, eventKey, reason }: WaitingMessage): string =>
  `message ${messageId} is in ${queueName} (${reason}): ${
    eventKey === undefined ? 'there is no event in it' : 'nothing waits for its event'
  }`;

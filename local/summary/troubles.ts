import { orderGroup } from '../../functions/shop/order-group.ts';
import type { OrderStatus } from '../../functions/shop/orders/order.ts';
import type { Ledger, OpenDelivery } from '../ledger/take-ledger.ts';
import type { WaitingMessage } from '../ledger/waiting-messages.ts';

/** From here an order goes nowhere. */
const FINAL_STATUS: OrderStatus = 'shipped';

export interface OrdersAtTheEnd {
  /** Every order that was sent, once. */
  readonly sent: Iterable<string>;
  /** Why an order was not placed, as its caller was told. */
  readonly refusals: ReadonlyMap<string, string>;
  /** By order id, as the orders table has them. */
  readonly statuses: ReadonlyMap<string, string>;
}

/** One line for every order and message that is not where it should be. */
export function findTroubles({ sent, refusals, statuses }: OrdersAtTheEnd, { open, strays }: Ledger): string[] {
  const openByGroup = Map.groupBy(open, ({ group }) => group);
  const orderIds = new Set([...sent, ...statuses.keys()]);
  const ofOrders = [...orderIds].flatMap((orderId) => {
    const group = orderGroup({ orderId });
    const ownOpen = openByGroup.get(group) ?? [];
    openByGroup.delete(group);
    const status = statuses.get(orderId);
    if (status === undefined) return [`order ${orderId} was not placed: ${refusals.get(orderId) ?? 'no reason given'}`];
    if (ownOpen.length > 0) return [`order ${orderId} is ${status}: ${describeOpen(ownOpen)}`];
    return status === FINAL_STATUS ? [] : [`order ${orderId} is ${status}, and nothing of it is under way`];
  });
  const ofOthers = [...openByGroup].map(([group, ownOpen]) => `group ${group}: ${describeOpen(ownOpen)}`);
  return [...ofOrders, ...ofOthers, ...strays.map(describeStray)];
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

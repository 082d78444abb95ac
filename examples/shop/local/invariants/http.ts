import { counted } from '../../../../local/view/counted.ts';
import type { HttpJournal, PlacedOverHttp } from '../http/http-journal.ts';
import { describeOrder, orderKey } from '../orders/order-key.ts';
import { type Invariant, invariant } from './invariant.ts';
import type { ShopFacts } from './shop-facts.ts';

type Journal = Pick<HttpJournal, 'commands' | 'findings' | 'probes' | 'closedAt'>;
type Orders = Pick<ShopFacts, 'orders'>;

/** Each order that was answered with success is there, and is its customer's. */
export function checkAnsweredOrders({ orders }: Orders, { commands }: Pick<Journal, 'commands'>): Invariant {
  const customers = new Map(
    orders.map(({ tenantId, item: { orderId, customerId } }) => [orderKey({ tenantId, orderId }), customerId]),
  );
  const accepted = commands.filter(isAccepted);
  const wrong = accepted.flatMap(({ tenantId, orderId, customerId }) => {
    const key = orderKey({ tenantId, orderId });
    const owner = customers.get(key);
    if (owner === customerId) return [];
    return [
      owner === undefined
        ? `${describeOrder(key)} was answered with success, and does not exist`
        : `${describeOrder(key)} was placed for ${customerId}, and is ${owner}'s`,
    ];
  });
  return invariant(
    'http: what is answered with success is committed',
    [counted(accepted.length, 'answered order')],
    wrong,
  );
}

/**
 * Each command made one order at most, and a refused one none. Orders that somebody else has placed since the last command
 * of the run do not count.
 */
export function checkOrdersOnce(
  { orders }: Orders,
  { commands, closedAt = Number.POSITIVE_INFINITY }: Pick<Journal, 'commands' | 'closedAt'>,
): Invariant {
  const keyOf = ({ tenantId, orderId = '' }: PlacedOverHttp) => orderKey({ tenantId, orderId });
  const told = new Map<string, PlacedOverHttp[]>();
  for (const command of commands) {
    if (command.orderId !== undefined) told.set(keyOf(command), [...(told.get(keyOf(command)) ?? []), command]);
  }
  // who was not answered cannot name the order, which may be there or not
  let unknown = commands.filter(({ outcome, orderId }) => outcome === 'unknown' && orderId === undefined).length;
  const wrong: string[] = [];
  for (const { tenantId, item } of orders) {
    if (Date.parse(item.placedAt) > closedAt) continue;
    const key = orderKey({ tenantId, orderId: item.orderId });
    const own = told.get(key);
    if (own === undefined) {
      if (unknown > 0) unknown--;
      else wrong.push(`${describeOrder(key)} exists, and no command was answered with it`);
    } else if (own.every(({ outcome }) => outcome === 'refused')) {
      wrong.push(`${describeOrder(key)} exists, and its command was refused`);
    }
  }
  for (const [key, own] of told) {
    const accepted = own.filter(isAccepted);
    if (accepted.length > 1) wrong.push(`${describeOrder(key)} was given to ${accepted.length} commands`);
  }
  return invariant('http: each order exists once', [counted(commands.length, 'command')], wrong);
}

/** A repeated command was answered as before; nothing else was answered that may not be. */
export const checkAnswers = ({ findings }: Pick<Journal, 'findings'>, replayed: number): Invariant =>
  invariant('http: a repeated command has the same answer', [counted(replayed, 'replayed answer')], findings);

/** Nobody was shown an order of another customer. */
export const checkPrivacy = ({ probes }: Pick<Journal, 'probes'>): Invariant =>
  invariant('http: no customer sees an order of another', [counted(probes.count, 'attempt')], probes.seen);

const isAccepted = (command: PlacedOverHttp): command is PlacedOverHttp & { readonly orderId: string } =>
  command.outcome === 'accepted' && command.orderId !== undefined;

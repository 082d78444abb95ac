import { randomUUID } from 'node:crypto';
import { orderKeyOf, type ShopAnswer, type ShopCommand } from '../orders/shop-command.ts';
import type { ShopDriver } from '../orders/shop-driver.ts';
import type { ApiClient } from './api-client.ts';
import type { HttpJournal } from './http-journal.ts';
import type { People, Person } from './people.ts';
import { type ApiAnswer, describeRefusal, memberAt, NoAnswerError } from './send-request.ts';

export interface HttpDriverOptions {
  /** The partner's client, which orders for everybody. */
  readonly machineOf: (tenantId: string | undefined) => ApiClient;
  readonly people: People;
  readonly journal: HttpJournal;
}

interface PlacedOrder {
  readonly orderId: string;
  readonly customerId: string;
  readonly client: ApiClient;
}

type Placing = Extract<ShopCommand, { kind: 'place' }>;

/** Orders that each person is shown to have asked for, of others. */
const PROBES_PER_PERSON = 3;

/** Places the run's orders over HTTP, as a partner's machine and registered customers do. */
export function createHttpDriver({ machineOf, people, journal }: HttpDriverOptions): ShopDriver {
  /** By `orderKey` of the plan: the shop gives orders of people ids of its own. */
  const placed = new Map<string, PlacedOrder>();
  const keys = new Map<string, string>();
  let orders = 0;

  /** One key per command: a plan that has an order twice repeats its command. */
  const keyOf = (command: ShopCommand): string => {
    const key = keys.get(orderKeyOf(command)) ?? randomUUID();
    keys.set(orderKeyOf(command), key);
    return key;
  };

  const place = async (command: Placing, signal: AbortSignal): Promise<ShopAnswer> => {
    const { tenantId, order } = command;
    const before = placed.get(orderKeyOf(command));
    const person = before === undefined ? await people.placing(orders++, tenantId) : undefined;
    const client = before?.client ?? person?.client ?? machineOf(tenantId);
    const customerId = before?.customerId ?? person?.customerId ?? order.customerId;
    const { orderId: planned, customerId: _, ...content } = order;
    const isOwn = customerId !== order.customerId;
    const body = isOwn ? content : order;
    const told = { tenantId, customerId };
    const answer = await answered(
      client.call({ operationId: 'postOrders', body, idempotencyKey: keyOf(command) }, signal),
    );
    if (answer instanceof NoAnswerError) {
      journal.placed({ ...told, orderId: isOwn ? undefined : planned, outcome: 'unknown' });
      return { command, outcome: 'failed', reason: answer.message };
    }
    if (answer.status !== 202 && answer.status !== 200) {
      // another order under the id of one is refused, and the first one stays
      if (before === undefined) journal.placed({ ...told, orderId: isOwn ? undefined : planned, outcome: 'refused' });
      return { command, outcome: 'failed', reason: describeRefusal(answer) };
    }
    const orderId = String(memberAt(answer.body, 'orderId'));
    if (!isOwn && orderId !== planned) journal.wrong(`order ${planned} was placed as ${orderId}`);
    if (before === undefined) {
      journal.placed({ ...told, orderId, outcome: 'accepted' });
      placed.set(orderKeyOf(command), { orderId, customerId, client });
      person?.orderIds.push(orderId);
      if (person !== undefined) journal.counts.ordersOfPeople++;
      journal.counts.people = people.all().length;
    }
    return { command: { ...command, order: { ...order, orderId, customerId } }, outcome: 'accepted' };
  };

  const cancel = async (
    command: ShopCommand & { readonly kind: 'cancel' },
    signal: AbortSignal,
  ): Promise<ShopAnswer> => {
    const known = placed.get(orderKeyOf(command));
    const orderId = known?.orderId ?? command.orderId;
    const sent: ShopCommand = { ...command, orderId };
    const client = known?.client ?? machineOf(command.tenantId);
    const answer = await answered(
      client.call({ operationId: 'postOrdersByOrderIdCancellation', params: { orderId } }, signal),
    );
    if (answer instanceof NoAnswerError) return { command: sent, outcome: 'failed', reason: answer.message };
    return answer.status === 202 || answer.status === 200
      ? { command: sent, outcome: 'accepted' }
      : { command: sent, outcome: 'failed', reason: describeRefusal(answer) };
  };

  return {
    journal,
    send: (command, signal) => (command.kind === 'place' ? place(command, signal) : cancel(command, signal)),
    asCarriedOut(command) {
      const known = placed.get(orderKeyOf(command));
      if (known === undefined) return command;
      const { orderId, customerId } = known;
      return command.kind === 'place'
        ? { ...command, order: { ...command.order, orderId, customerId } }
        : { ...command, orderId };
    },
    async probe(signal) {
      for (const person of people.all()) await probe(person, { others: [...placed.values()], journal, signal });
    },
  };
}

/** That there is no answer is what a command came to, as well. */
const answered = (calling: Promise<ApiAnswer>): Promise<ApiAnswer | NoAnswerError> =>
  calling.catch((error: unknown) => {
    if (error instanceof NoAnswerError) return error;
    throw error;
  });

/** What shows an order, or a part of it. */
const SHOWING = [
  'getOrdersByOrderId',
  'getOrdersByOrderIdPayment',
  'getOrdersByOrderIdShipment',
  'getWebOrdersByOrderId',
  'getOperationsByOperationId',
] as const;

/** Has a person ask for orders of others, and for a list of their own. */
async function probe(
  { name, customerId, client }: Person,
  { others, journal, signal }: { others: readonly PlacedOrder[]; journal: HttpJournal; signal: AbortSignal },
): Promise<void> {
  const foreign = others.filter((order) => order.customerId !== customerId).slice(0, PROBES_PER_PERSON);
  for (const { orderId } of foreign) {
    for (const operationId of SHOWING) {
      const { status } = await client.call({ operationId, params: { orderId, operationId: orderId } }, signal);
      journal.probed(`${name} asked for order ${orderId} (${operationId}) and was answered ${status}`, status !== 404);
    }
  }
  const listed = await client.call({ operationId: 'getOrders', query: { limit: '100' } }, signal);
  const shown = memberAt(listed.body, 'orders');
  const owners = Array.isArray(shown) ? shown.map((order) => memberAt(order, 'customerId')) : [];
  journal.probed(
    `${name} listed orders of ${owners.find((owner) => owner !== customerId)}`,
    owners.some((owner) => owner !== customerId),
  );
}

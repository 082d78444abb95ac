import { type AttributeValue, type DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { CANCELLATION_REASONS } from '../../functions/orders/cancellation-reason.ts';
import { orderSchema } from '../../functions/orders/order.ts';
import { ORDERS_TABLE } from '../../functions/orders/table.ts';

const ID = ORDERS_TABLE.partitionKey.name;

/** An order's status; of a cancelled one with its reason: `cancelledByStock`. */
export type OrderState = string;

interface OrderAtEnd {
  readonly state: OrderState;
  readonly totalMinorUnits: number;
}

/** By `orderKey`. */
export type OrderStates = ReadonlyMap<string, OrderAtEnd>;

/** Every order's state and total as the shop's own table has them. */
export async function readOrderStates(client: DynamoDBClient, tableName: string): Promise<OrderStates> {
  const states = new Map<string, OrderAtEnd>();
  const pages = paginateScan(
    { client },
    {
      TableName: tableName,
      ProjectionExpression: '#id, #status, #reason, #total.#minorUnits',
      ExpressionAttributeNames: {
        '#id': ID,
        '#status': 'status',
        '#reason': 'cancellationReason',
        '#total': 'total',
        '#minorUnits': 'minorUnits',
      },
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of pages) {
    for (const item of Items) states.set(item[ID]?.S ?? '', toOrderAtEnd(item));
  }
  return states;
}

const toOrderAtEnd = ({ status, cancellationReason, total }: Record<string, AttributeValue>): OrderAtEnd => ({
  state: stateOf(status?.S ?? 'without status', cancellationReason?.S),
  totalMinorUnits: Number(total?.M?.['minorUnits']?.N ?? 0),
});

export const stateOf = (status: string, reason: string | undefined): OrderState =>
  status === 'cancelled' && reason !== undefined ? cancelledBy(reason) : status;

const cancelledBy = (reason: string): OrderState => `cancelledBy${reason.slice(0, 1).toUpperCase()}${reason.slice(1)}`;

/** In the order of an order's way. */
const KNOWN_STATES: readonly OrderState[] = [
  ...orderSchema.shape.status.options.filter((status: string) => status !== 'cancelled'),
  ...CANCELLATION_REASONS.map(cancelledBy),
];

/** From these an order goes nowhere by itself: one that is in review waits for a person. */
export const isFinal = (state: OrderState): boolean => FINAL_STATES.has(state);

const FINAL_STATES: ReadonlySet<OrderState> = new Set([
  'shipped',
  'in-review',
  ...CANCELLATION_REASONS.map(cancelledBy),
]);

/** `cancelled by stock` */
export const describeState = (state: OrderState): string =>
  state.replace(/[A-Z]/g, (upper) => ` ${upper.toLowerCase()}`);

/** Orders by state; states that no order has are left out. */
export const countByState = (states: OrderStates): Map<OrderState, number> => addUp(states, () => 1);

/** What the orders of each state come to, in minor units. */
export const sumByState = (states: OrderStates): Map<OrderState, number> =>
  addUp(states, ({ totalMinorUnits }) => totalMinorUnits);

function addUp(states: OrderStates, amountOf: (order: OrderAtEnd) => number): Map<OrderState, number> {
  const sums = new Map<OrderState, number>();
  for (const order of states.values()) sums.set(order.state, (sums.get(order.state) ?? 0) + amountOf(order));
  return new Map([...sums].sort(([one], [other]) => placeOf(one) - placeOf(other)));
}

/** States that are not known come last. */
const placeOf = (state: OrderState): number =>
  KNOWN_STATES.includes(state) ? KNOWN_STATES.indexOf(state) : KNOWN_STATES.length;

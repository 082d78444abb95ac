import { describeOrder } from '../orders/order-key.ts';
import { countByState, describeState, isFinal, type OrderStates } from '../orders/order-states.ts';
import { type Invariant, invariant } from './invariant.ts';

/** Every order is shipped, cancelled for a reason, or waits for a person who reviews its payment. */
export function checkOrders(states: OrderStates): Invariant {
  const compared = [...countByState(states)].map(([state, count]) => `${count} ${describeState(state)}`).join(', ');
  const wrong = [...states]
    .filter(([, { state }]) => !isFinal(state))
    .map(([key, { state }]) => `${describeOrder(key)} is ${describeState(state)}`);
  return invariant('orders: each is shipped, or cancelled for a reason', [compared], wrong);
}

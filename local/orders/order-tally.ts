import type { Placement } from './place-order-client.ts';

/** What the answers to placed orders come to. */
export interface OrderTally {
  record(placement: Placement): void;
  answers(): number;
  /** Every order id that was sent, once, in the order of the first answers. */
  readonly sent: ReadonlySet<string>;
  /** Why an order was not placed; gone when a later try placed it. */
  readonly refusals: ReadonlyMap<string, string>;
}

export function createOrderTally(): OrderTally {
  const sent = new Set<string>();
  const refusals = new Map<string, string>();
  let answers = 0;
  return {
    sent,
    refusals,
    answers: () => answers,
    record(placement) {
      answers++;
      sent.add(placement.orderId);
      if (placement.outcome === 'failed') refusals.set(placement.orderId, placement.reason);
      else refusals.delete(placement.orderId);
    },
  };
}

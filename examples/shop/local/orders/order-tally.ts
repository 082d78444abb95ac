import { orderKeyOf, type ShopAnswer } from './shop-command.ts';

/** What the shop's answers come to; orders by `orderKey`. */
export interface OrderTally {
  record(answer: ShopAnswer): void;
  /** Answers to orders, whatever they were. */
  answers(): number;
  /** Cancellations that the shop took. */
  cancellations(): number;
  /** Every order that was sent, once, in the order of the first answers. */
  readonly sent: ReadonlySet<string>;
  /** Why an order was not placed; gone when a later try placed it. */
  readonly refusals: ReadonlyMap<string, string>;
  /** Why an order could not be cancelled; gone when a later try was taken. */
  readonly refusedCancellations: ReadonlyMap<string, string>;
}

export function createOrderTally(): OrderTally {
  const sent = new Set<string>();
  const refusals = new Map<string, string>();
  const refusedCancellations = new Map<string, string>();
  let answers = 0;
  let cancellations = 0;
  return {
    sent,
    refusals,
    refusedCancellations,
    answers: () => answers,
    cancellations: () => cancellations,
    record(answer) {
      const key = orderKeyOf(answer.command);
      const isPlaced = answer.command.kind === 'place';
      const refused = isPlaced ? refusals : refusedCancellations;
      if (answer.outcome === 'failed') refused.set(key, answer.reason);
      else refused.delete(key);
      if (isPlaced) {
        answers++;
        sent.add(key);
      } else if (answer.outcome === 'accepted') cancellations++;
    },
  };
}

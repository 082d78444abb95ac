/**
 * What becomes of a generated order: `large` is declined by the payment gateway, `scarce` finds stock or does not,
 * `cancelled` is taken back by the customer at once.
 */
export type OrderFate = 'normal' | 'large' | 'scarce' | 'cancelled';

/** One in so many orders has each of the other fates. */
const ROUND = 25;

const OTHER_FATES = ['large', 'scarce', 'cancelled'] as const;

/**
 * A fate for each order, without end: of every 25 orders one is large, one scarce and one cancelled, so that few orders
 * see every path, too.
 * @param random from 0 up to, not including, 1; it alone decides which
 */
export function* drawFates(random: () => number): Generator<OrderFate, never> {
  for (;;) {
    const places = Array.from({ length: ROUND }, (_, place) => place);
    const byPlace = new Map<number, OrderFate>();
    for (const fate of OTHER_FATES) {
      for (const place of places.splice(Math.floor(random() * places.length), 1)) byPlace.set(place, fate);
    }
    for (let place = 0; place < ROUND; place++) yield byPlace.get(place) ?? 'normal';
  }
}

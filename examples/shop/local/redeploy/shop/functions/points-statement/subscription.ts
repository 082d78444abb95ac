import { defineSubscription, type Ordering } from 'waybill';
import { OrderPlaced } from '../../../../../functions/orders/events.ts';
import { PointsGranted, PointsGranted2, PointsGranted2WithoutUpcaster } from '../loyalty/events.ts';

const NAME = 'points-statement';

/** Tells customers of their points. */
export const statement = defineSubscription({ name: NAME, events: [OrderPlaced, PointsGranted], ordering: 'fifo' });

/** The same, which also tells what for. */
export const statementOfVersion2 = (ordering: Ordering) =>
  defineSubscription({ name: NAME, events: [OrderPlaced, PointsGranted2], ordering });

export const statementWithoutUpcaster = defineSubscription({
  name: NAME,
  events: [OrderPlaced, PointsGranted2WithoutUpcaster],
  ordering: 'fifo',
});

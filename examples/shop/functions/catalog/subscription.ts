import { defineSubscription } from 'waybill';
import { ProductChanged, ProductWithdrawn } from './events.ts';

/** Makes a product's cached price invalid with each change, and when it is withdrawn. That is the same whichever change comes first: arrival order will do. */
export const catalog = defineSubscription({
  name: 'catalog',
  events: [ProductChanged, ProductWithdrawn],
  ordering: 'fifo',
});

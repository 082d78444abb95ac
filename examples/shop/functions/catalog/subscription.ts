import { defineSubscription } from 'waybill';
import { ProductChanged } from './events.ts';

/** Makes a product's cached price invalid with each change. That is the same whichever change comes first: arrival order will do. */
export const catalog = defineSubscription({ name: 'catalog', events: [ProductChanged], ordering: 'fifo' });

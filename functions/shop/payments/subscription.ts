import { defineSubscription } from '../../../lib/contracts/index.ts';
import { OrderPlaced } from '../orders/events.ts';

/** Captures the payment of each placed order. */
export const payments = defineSubscription({ name: 'payments', events: [OrderPlaced] });

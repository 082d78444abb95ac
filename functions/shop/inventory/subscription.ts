import { defineSubscription } from '../../../lib/contracts/index.ts';
import { OrderPlaced } from '../orders/events.ts';
import { PaymentCaptured } from '../payments/events.ts';

/** Learns from the placed order what is wanted, and reserves it once it is paid. */
export const inventory = defineSubscription({ name: 'inventory', events: [OrderPlaced, PaymentCaptured] });

import { defineSubscription } from '../../../../lib/definitions/index.ts';
import { ParcelMoved } from '../events.ts';

export const moves = defineSubscription({ name: 'moves', events: [ParcelMoved] });

import { defineSubscription } from '../../../../lib/definitions/index.ts';
import { Deposited } from '../events.ts';

export const accounts = defineSubscription({ name: 'accounts', events: [Deposited] });

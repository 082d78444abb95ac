import { defineSubscription } from '../../../../lib/contracts/index.ts';
import { Deposited } from '../events.ts';

export const accounts = defineSubscription({ name: 'accounts', events: [Deposited] });

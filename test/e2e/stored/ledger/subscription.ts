import { defineSubscription } from '../../../../lib/definitions/index.ts';
import { Deposited } from '../../bank/events.ts';

export const ledger = defineSubscription({ name: 'ledger', events: [Deposited], ordering: 'fifo' });

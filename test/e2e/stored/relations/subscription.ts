import { defineSubscription } from '../../../../lib/definitions/index.ts';
import { Deposited } from '../../bank/events.ts';

export const relations = defineSubscription({ name: 'relations', events: [Deposited] });

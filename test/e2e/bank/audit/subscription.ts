import { defineSubscription } from '../../../../lib/definitions/index.ts';
import { BalanceChanged, Deposited } from '../events.ts';

export const audit = defineSubscription({ name: 'audit', events: [Deposited, BalanceChanged] });

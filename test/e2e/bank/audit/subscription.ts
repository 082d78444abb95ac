import { defineSubscription } from '../../../../lib/contracts/index.ts';
import { BalanceChanged, Deposited } from '../events.ts';

export const audit = defineSubscription({ name: 'audit', events: [Deposited, BalanceChanged] });

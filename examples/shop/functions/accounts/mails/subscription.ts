import { defineSubscription } from 'waybill';
import { AccountRegistrationRequested } from '../events.ts';

/**
 * Writes to who asks for an account. Part of the accounts, not of the notifications: nobody else knows the address of
 * somebody who is no customer yet. Each registration is a group of its own.
 */
export const accountMails = defineSubscription({ name: 'account-mails', events: [AccountRegistrationRequested] });

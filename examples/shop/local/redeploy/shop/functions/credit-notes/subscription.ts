import { defineSubscription } from 'waybill';
import { creditNotes } from '../../../../../functions/credit-notes/subscription.ts';

const { name, events } = creditNotes;

/** The shop's own, in order. */
export const strictCreditNotes = defineSubscription({ name, events, ordering: 'strict' });

import { handlersFor } from 'waybill/consumer';
import type { TenantTable } from 'waybill/tenancy';
import { type CreditNote, paymentLinkMetadataSchema } from './credit-note.ts';
import { creditNotes } from './subscription.ts';

export interface CreditNotesDeps {
  readonly notes: Pick<TenantTable<CreditNote>, 'within'>;
}

/** Writes a credit note for each payment whose order was cancelled after it was paid. */
export const createCreditNotesHandlers = ({ notes }: CreditNotesDeps) =>
  handlersFor(creditNotes, {
    'waybill.link.cascaded.payments': ({ data: { source, target, metadata } }, { tx, log }) => {
      const { amount, refunded } = paymentLinkMetadataSchema.parse(metadata);
      if (!refunded) return;
      const note: CreditNote = { paymentId: target.id, orderId: source.id, amount };
      notes.within(tx).put({ Item: note });
      log.info('credit note written', { order_id: note.orderId, payment_id: note.paymentId });
    },
  });

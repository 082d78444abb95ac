import { consumer, requireEnv } from 'waybill/runtime';
import { creditNoteSchema } from './credit-note.ts';
import { createCreditNotesHandlers } from './handler.ts';
import { creditNotes } from './subscription.ts';
import { CREDIT_NOTES_TABLE, CREDIT_NOTES_TABLE_NAME } from './table.ts';

const { [CREDIT_NOTES_TABLE_NAME]: tableName } = requireEnv(process.env, CREDIT_NOTES_TABLE_NAME);

export const handler = consumer(creditNotes, (runtime) => {
  const notes = runtime.table(CREDIT_NOTES_TABLE, tableName, creditNoteSchema);

  return createCreditNotesHandlers({ notes });
});

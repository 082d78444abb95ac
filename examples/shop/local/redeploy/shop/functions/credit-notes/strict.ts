import { createConsumer } from 'waybill/consumer';
import { createConsumerRuntime, requireEnv } from 'waybill/runtime';
import { creditNoteSchema } from '../../../../../functions/credit-notes/credit-note.ts';
import { createCreditNotesHandlers } from '../../../../../functions/credit-notes/handler.ts';
import { CREDIT_NOTES_TABLE, CREDIT_NOTES_TABLE_NAME } from '../../../../../functions/credit-notes/table.ts';
import { strictCreditNotes } from './subscription.ts';

const { [CREDIT_NOTES_TABLE_NAME]: tableName } = requireEnv(process.env, CREDIT_NOTES_TABLE_NAME);
const runtime = createConsumerRuntime(strictCreditNotes, process.env);
const notes = runtime.table(CREDIT_NOTES_TABLE, tableName, creditNoteSchema);

export const handler = createConsumer(
  { ...createCreditNotesHandlers({ notes }), subscription: strictCreditNotes },
  runtime,
);

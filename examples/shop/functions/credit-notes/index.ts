import { createConsumer } from 'waybill/consumer';
import { createConsumerRuntime, requireEnv } from 'waybill/runtime';
import { creditNoteSchema } from './credit-note.ts';
import { createCreditNotesHandlers } from './handler.ts';
import { creditNotes } from './subscription.ts';
import { CREDIT_NOTES_TABLE, CREDIT_NOTES_TABLE_NAME } from './table.ts';

const { [CREDIT_NOTES_TABLE_NAME]: tableName } = requireEnv(process.env, CREDIT_NOTES_TABLE_NAME);
const runtime = createConsumerRuntime(creditNotes, process.env);
const notes = runtime.table(CREDIT_NOTES_TABLE, tableName, (item) => creditNoteSchema.parse(item));

export const handler = createConsumer(createCreditNotesHandlers({ notes }), runtime);

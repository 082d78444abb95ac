export { InboxBusyError, InboxClaimLostError } from './errors.ts';
export {
  createDynamoDbFailureNotes,
  createInMemoryFailureNotes,
  type DynamoDbFailureNotesOptions,
  type FailureNote,
  type FailureNotes,
} from './failure-notes.ts';
export { createInMemoryInbox, type InMemoryInboxOptions } from './in-memory-inbox.ts';
export { inboxRecordKey } from './inbox-record.ts';
export type { EventIdentity, Inbox, InboxClaim } from './ports.ts';
export { createPowertoolsInbox, type PowertoolsInboxOptions } from './powertools-inbox.ts';

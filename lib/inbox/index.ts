export { createDynamoDbInboxRecords, type DynamoDbInboxRecordsOptions } from './dynamodb-inbox-records.ts';
export { InboxBusyError, InboxClaimLostError } from './errors.ts';
export {
  createDynamoDbFailureNotes,
  createInMemoryFailureNotes,
  type DynamoDbFailureNotesOptions,
  type FailureNote,
  type FailureNotes,
} from './failure-notes.ts';
export { createInMemoryInbox, type InMemoryInboxOptions } from './in-memory-inbox.ts';
export { createInMemoryInboxRecords } from './in-memory-inbox-records.ts';
export {
  createDynamoDbInboxMemory,
  createInMemoryInboxMemory,
  type DynamoDbInboxMemoryOptions,
  type InboxMemory,
  type InMemoryInboxMemoryOptions,
} from './inbox-memory.ts';
export { inboxRecordKey } from './inbox-record.ts';
export type { EventIdentity, Inbox, InboxClaim, InboxRecord, InboxRecords } from './ports.ts';
export { createPowertoolsInbox, type PowertoolsInboxOptions } from './powertools-inbox.ts';

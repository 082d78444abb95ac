export { InboxBusyError } from './errors.ts';
export { createInMemoryInbox } from './in-memory-inbox.ts';
export type { EventIdentity, Inbox } from './ports.ts';
export { createPowertoolsInbox, type PowertoolsInboxOptions } from './powertools-inbox.ts';
export { inboxRecordKey } from './record-key.ts';

import type { Context } from 'aws-lambda';

/** What tells an event from every other: CloudEvents' unique pair. */
export interface EventIdentity {
  readonly source: string;
  readonly id: string;
}

/** Remembers per consumer which events have had their effect. */
export interface Inbox {
  /**
   * Runs `effect` unless the event had its effect before. MUST NOT run two effects of one event at the same time;
   * MUST forget the event when its effect fails, so that it can be tried again, and reject with the effect's own
   * error. An execution that dies without a word keeps the event locked until its time was up.
   * @param context of the running invocation: its remaining time bounds the lock
   * @throws InboxBusyError `INBOX_BUSY` while another execution has the event
   */
  once(event: EventIdentity, effect: () => Promise<void>, context: Context): Promise<'handled' | 'duplicate'>;
}

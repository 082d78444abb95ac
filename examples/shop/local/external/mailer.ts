import type { EngineClock } from '../../../../local/clock.ts';
import { type ForeignSystem, foreignError, textOf } from './foreign-system.ts';
import type { LedgerBook } from './ledger.ts';

/** Takes mail for customers. */
export function createMailerSystem(
  book: LedgerBook,
  clock: Pick<EngineClock, 'now'>,
  newRef: (prefix: string) => string,
): ForeignSystem {
  return {
    perform({ path, body, idempotencyKey }) {
      if (path !== '/messages') return foreignError(404, 'NOT_FOUND', `there is no ${path}`);
      const [recipient, subject, text] = [body['recipientRef'], body['subjectLine'], body['plainText']].map(textOf);
      if (recipient === undefined || subject === undefined || text === undefined) {
        return foreignError(400, 'MESSAGE_INVALID', 'a message needs recipientRef, subjectLine and plainText');
      }
      const messageId = newRef('msg');
      book.mails.push({ idempotencyKey, messageId, recipient, subject, at: new Date(clock.now()).toISOString() });
      return { status: 202, body: { messageId, queueState: 'ACCEPTED' } };
    },
  };
}

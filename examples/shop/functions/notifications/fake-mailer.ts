import { createAnswersByKey } from '../answers-by-key.ts';
import type { Mail, Mailer } from './mailer.ts';

export interface FakeMailer extends Mailer {
  /** In the order in which they went out. */
  readonly sent: readonly Mail[];
}

/** Sends no mail. For tests, and for environments that have no mail service. */
export function createFakeMailer(): FakeMailer {
  const sent: Mail[] = [];
  const accepted = createAnswersByKey<Mail, void>('the mail service');

  return {
    sent,

    async send(mail, signal) {
      signal.throwIfAborted();
      accepted.once(mail, () => void sent.push(mail));
    },
  };
}

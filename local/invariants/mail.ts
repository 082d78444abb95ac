import type { LedgerMail } from '../external/ledger.ts';
import { type Invariant, invariant } from './invariant.ts';

/** Each mail went out once, as the mail service has it. */
export function checkMail(sent: readonly Pick<LedgerMail, 'idempotencyKey' | 'subject'>[]): Invariant {
  const byKey = Map.groupBy(sent, ({ idempotencyKey }) => idempotencyKey);
  const wrong = [...byKey].flatMap(([key, mails]) =>
    mails.length === 1 ? [] : [`'${mails[0]?.subject}' (key ${key}) was sent ${mails.length} times`],
  );
  return invariant('mail: each is sent once', [`${sent.length} mails`], wrong);
}

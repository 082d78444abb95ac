import { mailPreferencesSchema } from '../accounts/events.ts';
import * as z from '../zod.ts';

/** Which mail a customer wants, as the table holds it. */
export const customerPreferencesSchema = z.object({ customerId: z.string(), mails: mailPreferencesSchema });

export type CustomerPreferences = z.infer<typeof customerPreferencesSchema>;

/** What a mail is about. `account` and `money` are sent to everybody: nobody can do without them. */
export type MailKind = 'account' | 'money' | keyof CustomerPreferences['mails'];

/** Of customers who have said nothing, such as a partner's: what an account has at first. */
const AT_FIRST: CustomerPreferences['mails'] = { orders: true, delivery: true, news: false };

export function isWanted(kind: MailKind, preferences: CustomerPreferences | undefined): boolean {
  if (kind === 'account' || kind === 'money') return true;
  return (preferences?.mails ?? AT_FIRST)[kind];
}

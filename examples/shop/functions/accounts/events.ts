import { defineEvent } from 'waybill';
import * as z from '../zod.ts';

const accountId = z.string().check(z.minLength(1));

/** Events hold references only: names and addresses can be deleted, events cannot. */
const ofAccount = {
  source: '/accounts',
  version: 1,
  group: (data: { readonly accountId: string }) => `account#${data.accountId}`,
  subject: (data: { readonly accountId: string }) => data.accountId,
} as const;

/** Somebody wants an account, or has one already: a mail says how it goes on. */
export const AccountRegistrationRequested = defineEvent({
  type: 'com.example.account.registration-requested',
  source: '/accounts',
  version: 1,
  schema: z.object({ registrationId: z.string().check(z.minLength(1)) }),
  group: ({ registrationId }) => `registration#${registrationId}`,
  subject: ({ registrationId }) => registrationId,
});

/** An account can be used: its owner has confirmed the e-mail address, or the operator has added it. */
export const AccountRegistered = defineEvent({
  ...ofAccount,
  type: 'com.example.account.registered',
  schema: z.object({ accountId }),
});

/** Which kinds of mail a customer wants. */
export const mailPreferencesSchema = z.object({ orders: z.boolean(), delivery: z.boolean(), news: z.boolean() });

/** A BCP 47 tag such as `en` or `de-CH`. */
export const languageSchema = z
  .string()
  .check(z.regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, 'must be a language like en or de-CH'));

/** What a customer wants, as a whole; the first one comes with the registration. */
export const AccountPreferencesChanged = defineEvent({
  ...ofAccount,
  type: 'com.example.account.preferences-changed',
  schema: z.object({ accountId, language: languageSchema, mails: mailPreferencesSchema }),
});

/** Something of an account has changed. `token-reused`: a refresh token was used twice, so its family is revoked. */
export const AccountChanged = defineEvent({
  ...ofAccount,
  type: 'com.example.account.changed',
  schema: z.object({ accountId, what: z.enum(['profile', 'password', 'addresses', 'roles', 'token-reused']) }),
});

/** Who has copied anything of the account deletes it. */
export const AccountDeleted = defineEvent({
  ...ofAccount,
  type: 'com.example.account.deleted',
  schema: z.object({ accountId }),
});

import { createHash } from 'node:crypto';
import * as z from '../zod.ts';
import { languageSchema, mailPreferencesSchema } from './events.ts';
import { passwordSchema } from './password-hasher.ts';
import { ROLES, SCOPES } from './scopes.ts';

const count = z.int();
/** Epoch seconds. */
const expires = z.int();

/** Somebody who can log in. */
const accountSchema = z.object({
  kind: z.literal('account'),
  accountId: z.string(),
  email: z.string(),
  name: z.string(),
  language: languageSchema,
  mails: mailPreferencesSchema,
  roles: z.array(z.enum(ROLES)),
  password: passwordSchema,
  /** Refresh families of an earlier number have ended. */
  sessions: count,
  /** Counts the changes of what the owner sees. */
  version: count,
});

/** Whose an e-mail address is. A registration that is not confirmed owns nothing: a later one takes its place. */
const emailSchema = z.object({
  kind: z.literal('email'),
  accountId: z.optional(z.string()),
  registrationId: z.optional(z.string()),
  expires: z.optional(expires),
});

/** Waits for the code of its mail. With an `accountId` the address has an account, and no code is right. */
const registrationSchema = z.object({
  kind: z.literal('registration'),
  registrationId: z.string(),
  accountId: z.optional(z.string()),
  wanted: z.optional(
    z.object({ email: z.string(), name: z.string(), language: languageSchema, password: passwordSchema }),
  ),
  /** Codes that were tried. */
  attempts: count,
  expires,
});

export const postalAddressSchema = z.object({
  recipient: z.string().check(z.minLength(1), z.maxLength(100)),
  street: z.string().check(z.minLength(1), z.maxLength(200)),
  postalCode: z.string().check(z.minLength(1), z.maxLength(16)),
  city: z.string().check(z.minLength(1), z.maxLength(100)),
  country: z.string().check(z.regex(/^[A-Z]{2}$/, 'must be an ISO 3166 code like GB')),
});

const addressBookSchema = z.object({
  kind: z.literal('addresses'),
  accountId: z.string(),
  addresses: z.array(z.object({ addressId: z.string(), version: count, address: postalAddressSchema })),
  version: count,
});

/** Tokens that follow from one login. */
const familySchema = z.object({
  kind: z.literal('family'),
  familyId: z.string(),
  accountId: z.string(),
  /** Of the account when it was opened. */
  sessions: count,
  scope: z.array(z.enum(SCOPES)),
  /** Hash of the token that can be used next, and of the one before it. */
  current: z.string(),
  previous: z.optional(z.string()),
  /** When the current one took the place of the previous one, in milliseconds. */
  rotatedAt: z.number(),
  isRevoked: z.boolean(),
  expires,
});

/** A program that works for itself. */
const clientSchema = z.object({
  kind: z.literal('client'),
  clientId: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(SCOPES)),
  /** SHA-256: the secret is random, so that trying costs more than any hash could. */
  secretHash: z.string(),
  version: count,
});

/** What an item of the table stands for. */
export const accountItemSchema = z.discriminatedUnion('kind', [
  accountSchema,
  emailSchema,
  registrationSchema,
  addressBookSchema,
  familySchema,
  clientSchema,
]);

export type AccountItem = z.infer<typeof accountItemSchema>;
export type ItemOf<Kind extends AccountItem['kind']> = Extract<AccountItem, { readonly kind: Kind }>;
export type Account = ItemOf<'account'>;
export type Family = ItemOf<'family'>;

const keyOf = (kind: AccountItem['kind'], name: string) => ({ id: `${kind}#${name}` });

export const accountKey = (accountId: string) => keyOf('account', accountId);
/** Hashed, because keys stand in the messages of errors. */
export const emailKey = (email: string) => keyOf('email', createHash('sha256').update(email).digest('base64url'));
export const registrationKey = (registrationId: string) => keyOf('registration', registrationId);
export const addressBookKey = (accountId: string) => keyOf('addresses', accountId);
export const familyKey = (familyId: string) => keyOf('family', familyId);
export const clientKey = (clientId: string) => keyOf('client', clientId);

/** Upper and lower case are one address, as all large mail providers have it. */
export const normalizedEmail = (email: string): string => email.trim().toLowerCase();

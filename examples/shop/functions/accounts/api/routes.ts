import { defineApi, defineRoute } from 'waybill';
import * as z from '../../zod.ts';
import { postalAddressSchema } from '../account.ts';
import { languageSchema, mailPreferencesSchema } from '../events.ts';
import { emailInput, nameInput, passwordInput } from '../issuer/routes.ts';
import { CLIENT_SCOPES, ROLES } from '../scopes.ts';

const OWN = ['account'] as const;
const ADMIN = ['accounts:admin'] as const;

const ACCOUNT_GONE = { status: 404, title: 'The account is deleted' } as const;
const PASSWORD_WRONG = { status: 403, title: 'The password is wrong' } as const;
const ADDRESS_NOT_FOUND = { status: 404, title: 'There is no such address' } as const;
const CLIENT_NOT_FOUND = { status: 404, title: 'There is no such client' } as const;
const ACCOUNT_NOT_FOUND = { status: 404, title: 'There is no such account' } as const;

const profile = z.object({ accountId: z.string(), email: z.string(), name: z.string(), roles: z.array(z.enum(ROLES)) });
const preferences = z.object({ language: languageSchema, mails: mailPreferencesSchema });
const listedAddress = z.object({ addressId: z.string(), version: z.int(), address: postalAddressSchema });
/** The answer that shows a secret is stored nowhere: these routes are not idempotent. */
const clientSecret = z.object({ client_id: z.string(), client_secret: z.string() });

const readProfile = defineRoute({
  key: 'GET /account',
  summary: 'Shows the own account',
  scopes: OWN,
  answers: { 200: { description: 'The account', schema: profile } },
  problems: { ACCOUNT_GONE },
});

const changeProfile = defineRoute({
  key: 'PUT /account',
  summary: 'Changes the own name',
  scopes: OWN,
  body: z.object({ name: nameInput }),
  answers: { 204: { description: 'It is changed' } },
  problems: { ACCOUNT_GONE },
  ifMatch: 'required',
});

const changePassword = defineRoute({
  key: 'POST /account/password',
  summary: 'Changes the own password, and ends all sessions',
  scopes: OWN,
  body: z.object({ current: z.string().check(z.maxLength(128)), next: passwordInput }),
  answers: { 204: { description: 'It is changed: log in again' } },
  problems: { ACCOUNT_GONE, PASSWORD_WRONG },
});

const deleteOwn = defineRoute({
  key: 'POST /account/deletion',
  summary: 'Deletes the own account with all personal data',
  scopes: OWN,
  body: z.object({ password: z.string().check(z.maxLength(128)) }),
  answers: { 204: { description: 'It is deleted' } },
  problems: { ACCOUNT_GONE, PASSWORD_WRONG },
});

const readPreferences = defineRoute({
  key: 'GET /account/preferences',
  summary: 'Shows the own language, and which mails are wanted',
  scopes: OWN,
  answers: { 200: { description: 'The preferences', schema: preferences } },
  problems: { ACCOUNT_GONE },
});

const changePreferences = defineRoute({
  key: 'PUT /account/preferences',
  summary: 'Changes the own language, and which mails are wanted',
  scopes: OWN,
  body: preferences,
  answers: { 204: { description: 'They are changed' } },
  problems: { ACCOUNT_GONE },
  ifMatch: 'required',
});

const listAddresses = defineRoute({
  key: 'GET /account/addresses',
  summary: 'Shows the own address book',
  scopes: OWN,
  answers: { 200: { description: 'The addresses', schema: z.object({ addresses: z.array(listedAddress) }) } },
  problems: { ACCOUNT_GONE },
});

const addAddress = defineRoute({
  key: 'POST /account/addresses',
  summary: 'Adds an address',
  scopes: OWN,
  body: postalAddressSchema,
  answers: { 201: { description: 'It is added', schema: z.object({ addressId: z.string() }) } },
  problems: { ACCOUNT_GONE, ADDRESS_BOOK_FULL: { status: 409, title: 'The address book is full' } },
  idempotent: true,
});

const readAddress = defineRoute({
  key: 'GET /account/addresses/{addressId}',
  summary: 'Shows an address',
  scopes: OWN,
  answers: { 200: { description: 'The address', schema: postalAddressSchema } },
  problems: { ACCOUNT_GONE, ADDRESS_NOT_FOUND },
});

const changeAddress = defineRoute({
  key: 'PUT /account/addresses/{addressId}',
  summary: 'Changes an address',
  scopes: OWN,
  body: postalAddressSchema,
  answers: { 204: { description: 'It is changed' } },
  problems: { ACCOUNT_GONE, ADDRESS_NOT_FOUND },
  ifMatch: 'required',
});

const removeAddress = defineRoute({
  key: 'DELETE /account/addresses/{addressId}',
  summary: 'Removes an address',
  scopes: OWN,
  answers: { 204: { description: 'It is removed' } },
  problems: { ACCOUNT_GONE, ADDRESS_NOT_FOUND },
  ifMatch: 'required',
});

const addAccount = defineRoute({
  key: 'POST /accounts',
  summary: 'Adds an account whose owner the caller vouches for',
  scopes: ADMIN,
  body: z.object({
    email: emailInput,
    password: passwordInput,
    name: nameInput,
    language: z._default(languageSchema, 'en'),
    roles: z._default(z.array(z.enum(ROLES)).check(z.minLength(1)), ['customer']),
  }),
  answers: { 201: { description: 'The account', schema: z.object({ accountId: z.string() }) } },
  problems: { EMAIL_TAKEN: { status: 409, title: 'The e-mail address has an account' } },
});

const changeRoles = defineRoute({
  key: 'PUT /accounts/{accountId}/roles',
  summary: 'Changes what somebody may do, from the next refresh on',
  scopes: ADMIN,
  body: z.object({ roles: z.array(z.enum(ROLES)).check(z.minLength(1)) }),
  answers: { 204: { description: 'They are changed' } },
  problems: { ACCOUNT_NOT_FOUND },
});

const deleteAccount = defineRoute({
  key: 'DELETE /accounts/{accountId}',
  summary: 'Deletes an account with all personal data',
  scopes: ADMIN,
  answers: { 204: { description: 'It is deleted' } },
  problems: { ACCOUNT_NOT_FOUND },
});

const addClient = defineRoute({
  key: 'POST /clients',
  summary: 'Adds a machine client; its secret is shown once',
  scopes: ADMIN,
  body: z.object({ name: nameInput, scopes: z.array(z.enum(CLIENT_SCOPES)).check(z.minLength(1)) }),
  answers: { 201: { description: 'The client and its secret', schema: clientSecret } },
});

const replaceSecret = defineRoute({
  key: 'POST /clients/{clientId}/secret',
  summary: 'Gives a machine client another secret, which is shown once; the one before ends',
  scopes: ADMIN,
  answers: { 200: { description: 'The client and its secret', schema: clientSecret } },
  problems: { CLIENT_NOT_FOUND },
});

const removeClient = defineRoute({
  key: 'DELETE /clients/{clientId}',
  summary: 'Removes a machine client',
  scopes: ADMIN,
  answers: { 204: { description: 'It is removed' } },
  problems: { CLIENT_NOT_FOUND },
});

/** What owners and administrators do with accounts. */
export const accountsApi = defineApi({
  name: 'accounts',
  title: "The shop's accounts",
  version: '1.0.0',
  routes: [
    readProfile,
    changeProfile,
    changePassword,
    deleteOwn,
    readPreferences,
    changePreferences,
    listAddresses,
    addAddress,
    readAddress,
    changeAddress,
    removeAddress,
    addAccount,
    changeRoles,
    deleteAccount,
    addClient,
    replaceSecret,
    removeClient,
  ],
});

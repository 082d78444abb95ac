import { defineApi, defineRoute } from 'waybill';
import * as z from '../../zod.ts';
import { languageSchema } from '../events.ts';

/** Long enough for a sentence, short enough to hash at once. */
export const passwordInput = z.string().check(z.minLength(10), z.maxLength(128));
export const emailInput = z
  .string()
  .check(z.maxLength(254), z.regex(/^[^\s@]+@[^\s@]+\.[^\s@]+$/, 'must be an e-mail address'));
export const nameInput = z.string().check(z.minLength(1), z.maxLength(100));

/** Which tenant's account it is, where the deployment has tenants. */
const tenant = z.optional(z.string());

/** As RFC 6749 has it. */
const tokens = z.object({
  access_token: z.string(),
  token_type: z.literal('Bearer'),
  expires_in: z.int(),
  scope: z.string(),
  refresh_token: z.optional(z.string()),
});

const BODY_BYTES = 4096;

const GRANT_REFUSED = { status: 401, title: 'The grant is not valid' } as const;
const TENANT_UNKNOWN = { status: 400, title: 'The tenant is missing or unknown' } as const;
const SCOPE_REFUSED = { status: 400, title: 'The scope is more than is allowed' } as const;

const discovery = defineRoute({
  key: 'GET /.well-known/openid-configuration',
  summary: 'Says where the keys are',
  scopes: 'public',
  answers: {
    200: {
      description: 'The configuration',
      schema: z.object({
        issuer: z.string(),
        jwks_uri: z.string(),
        token_endpoint: z.string(),
        revocation_endpoint: z.string(),
        token_endpoint_auth_methods_supported: z.array(z.string()),
        grant_types_supported: z.array(z.string()),
        scopes_supported: z.array(z.string()),
        response_types_supported: z.array(z.string()),
        subject_types_supported: z.array(z.string()),
        id_token_signing_alg_values_supported: z.array(z.string()),
      }),
    },
  },
});

const keySet = defineRoute({
  key: 'GET /.well-known/jwks.json',
  summary: 'The public keys that verify access tokens',
  scopes: 'public',
  answers: {
    200: {
      description: 'The keys',
      schema: z.object({
        keys: z.array(
          z.object({
            kty: z.literal('RSA'),
            use: z.literal('sig'),
            alg: z.literal('RS256'),
            kid: z.string(),
            n: z.string(),
            e: z.string(),
          }),
        ),
      }),
    },
  },
});

const register = defineRoute({
  key: 'POST /registrations',
  summary: 'Asks for an account; a mail says how it goes on',
  scopes: 'public',
  body: z.object({
    tenant,
    email: emailInput,
    password: passwordInput,
    name: nameInput,
    language: z._default(languageSchema, 'en'),
  }),
  answers: {
    202: {
      description: 'A mail is on its way, also if the address has an account',
      schema: z.object({ registrationId: z.string() }),
    },
  },
  problems: { TENANT_UNKNOWN },
  maxBodyBytes: BODY_BYTES,
});

const confirm = defineRoute({
  key: 'POST /registrations/{registrationId}/confirmation',
  summary: 'Opens the account by the code of the mail',
  scopes: 'public',
  body: z.object({ tenant, code: z.string().check(z.maxLength(20)) }),
  answers: { 201: { description: 'The account', schema: z.object({ accountId: z.string() }) } },
  problems: {
    CODE_REFUSED: { status: 400, title: 'The code is wrong or too old' },
    EMAIL_TAKEN: { status: 409, title: 'The e-mail address has an account' },
  },
  maxBodyBytes: BODY_BYTES,
});

const logIn = defineRoute({
  key: 'POST /sessions',
  summary: 'Logs in by e-mail address and password',
  scopes: 'public',
  body: z.object({
    tenant,
    email: z.string().check(z.maxLength(254)),
    password: z.string().check(z.maxLength(128)),
    scope: z.optional(z.string()),
  }),
  answers: { 200: { description: 'The tokens', schema: tokens } },
  problems: {
    LOGIN_REFUSED: { status: 401, title: 'The e-mail address or the password is wrong' },
    SCOPE_REFUSED,
  },
  maxBodyBytes: BODY_BYTES,
});

const token = defineRoute({
  key: 'POST /token',
  summary: 'Gives tokens for a refresh token, or for the secret of a client',
  scopes: 'public',
  body: z.discriminatedUnion('grant_type', [
    z.object({ grant_type: z.literal('refresh_token'), refresh_token: z.string().check(z.maxLength(300)) }),
    z.object({
      grant_type: z.literal('client_credentials'),
      // both, or neither where the header Authorization has them
      client_id: z.optional(z.string().check(z.maxLength(100))),
      client_secret: z.optional(z.string().check(z.maxLength(300))),
      scope: z.optional(z.string()),
    }),
  ]),
  // as RFC 6749 has it; JSON is for those who have no OAuth 2.0 client
  form: true,
  answers: { 200: { description: 'The tokens', schema: tokens } },
  problems: {
    CLIENT_AUTHENTICATION_INVALID: { status: 400, title: 'The client must say who it is, in one way' },
    GRANT_REFUSED,
    SCOPE_REFUSED,
  },
  maxBodyBytes: BODY_BYTES,
});

const revoke = defineRoute({
  key: 'POST /revocations',
  summary: 'Logs out: ends the family of a refresh token',
  scopes: 'public',
  body: z.object({ token: z.string().check(z.maxLength(300)) }),
  answers: { 204: { description: 'It is not good for anything any more, if it ever was' } },
  maxBodyBytes: BODY_BYTES,
});

/** The issuer of the shop's access tokens: everything that is needed to get one, so nothing that needs one. */
export const issuerApi = defineApi({
  name: 'issuer',
  title: "The shop's token issuer",
  version: '1.0.0',
  routes: [discovery, keySet, register, confirm, logIn, token, revoke],
});

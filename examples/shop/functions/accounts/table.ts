import type { TableSchema } from 'waybill';

/** Accounts, their e-mail addresses, address books and refresh families; registrations; machine clients. */
export const ACCOUNTS_TABLE = {
  partitionKey: { name: 'id', type: 'S' },
  timeToLiveAttribute: 'expires',
} as const satisfies TableSchema;

/** Environment variables of the functions. */
export const ACCOUNTS_TABLE_NAME = 'ACCOUNTS_TABLE_NAME';
/** The `iss` of access tokens: the address of the issuer's API. */
export const ACCOUNTS_ISSUER = 'ACCOUNTS_ISSUER';
/** The `aud` of access tokens. */
export const ACCOUNTS_AUDIENCE = 'ACCOUNTS_AUDIENCE';
export const ACCESS_TOKEN_SECONDS = 'ACCESS_TOKEN_SECONDS';
export const PASSWORD_MEMORY_KIB = 'PASSWORD_MEMORY_KIB';
export const PASSWORD_PASSES = 'PASSWORD_PASSES';
export const SIGNING_KEY_DAYS = 'SIGNING_KEY_DAYS';
/** Secret with the keys that sign; the code writes it. */
export const SIGNING_KEYS_SECRET = 'SIGNING_KEYS_SECRET';
/** Secret with the key of keyed hashes, registration codes and refresh tokens. */
export const ACCOUNTS_KEY_SECRET = 'ACCOUNTS_KEY_SECRET';
/** Secret of the client `operator`. */
export const OPERATOR_SECRET = 'OPERATOR_SECRET';

import { createHash } from 'node:crypto';
import { type JsonClient, readAs } from 'waybill/resilience';
import { addMs, type Clock } from 'waybill/runtime';
import type { Tokens } from 'waybill/sync';
import * as z from '../zod.ts';

/** Whose tokens they are, in the sync's table. */
export const SUPPLIER_B = 'supplier-b';

const pairSchema = z.object({
  access_token: z.string().check(z.minLength(1)),
  refresh_token: z.string().check(z.minLength(1)),
  expires_in: z.int().check(z.positive()),
});

/** What supplier B gives a pair of tokens for: a code that somebody has agreed to, or a refresh token. Both work once. */
type SupplierGrant = { readonly code: string } | { readonly refresh_token: string };

/** Supplier B's way of giving tokens. */
export interface SupplierLogin {
  /** A repeated request for the same grant is answered as before, so that a lost answer loses no token. */
  exchange(grant: SupplierGrant, signal: AbortSignal): Promise<Tokens>;
}

/** @param client without credentials */
export const createSupplierLogin = (client: JsonClient, clock: Clock): SupplierLogin => ({
  exchange(grant, signal) {
    const now = clock.now();
    const pair = readAs(pairSchema, ({ access_token, refresh_token, expires_in }): Tokens => {
      return { access: access_token, refresh: refresh_token, expiresAt: addMs(now, expires_in * 1000) };
    });
    // without the token itself, which nobody else needs to see
    const idempotencyKey = createHash('sha256').update(JSON.stringify(grant)).digest('base64url');
    return client.post({ path: '/oauth/token', body: grant, idempotencyKey, answers: { 200: pair } }, signal);
  },
});

import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from 'waybill/runtime';
import { signerOf } from './keys/key-ring.ts';
import type { KeyRingStore } from './keys/key-ring-store.ts';
import type { Scope } from './scopes.ts';

/** Who a token is for, and what it allows. */
interface TokenSubject {
  /** An account's id, or that of a client that works for itself. */
  readonly subject: string;
  readonly clientId: string;
  readonly scopes: readonly Scope[];
  readonly tenantId: string | undefined;
}

export interface AccessTokenOptions {
  readonly keyRing: Pick<KeyRingStore, 'current'>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly issuer: string;
  readonly audience: string;
  readonly lifetimeSeconds: number;
}

interface AccessToken {
  readonly token: string;
  readonly expiresInSeconds: number;
}

export type IssueAccessToken = (subject: TokenSubject) => Promise<AccessToken>;

const signBytes = promisify(sign);

/** Issues access tokens as RFC 9068 describes them, signed with RS256: API Gateway takes nothing but RSA. */
export function createAccessTokens(options: AccessTokenOptions): IssueAccessToken {
  const { keyRing, clock, newId, issuer, audience, lifetimeSeconds } = options;
  let last: { readonly kid: string; readonly key: KeyObject } | undefined;

  return async ({ subject, clientId, scopes, tenantId }) => {
    const ring = await keyRing.current();
    const now = clock.now();
    const { kid, privateKey } = signerOf(ring, now);
    if (last?.kid !== kid) last = { kid, key: createPrivateKey(privateKey) };
    const issuedAt = Math.floor(now / 1000);
    const claims = {
      iss: issuer,
      aud: audience,
      sub: subject,
      client_id: clientId,
      scope: scopes.join(' '),
      jti: newId(),
      iat: issuedAt,
      exp: issuedAt + lifetimeSeconds,
      ...(tenantId === undefined ? {} : { tenant: tenantId }),
    };
    const signed = `${encode({ alg: 'RS256', typ: 'at+jwt', kid })}.${encode(claims)}`;
    const signature = await signBytes('RSA-SHA256', Buffer.from(signed), last.key);
    return { token: `${signed}.${signature.toString('base64url')}`, expiresInSeconds: lifetimeSeconds };
  };
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

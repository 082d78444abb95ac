import { createPublicKey, verify } from 'node:crypto';
import { ownMember } from '../../lib/definitions/index.ts';
import type { JsonObject } from '../endpoint/service.ts';
import { isObject } from '../template/json.ts';

export interface Jwt {
  readonly algorithm: string;
  readonly keyId: string | undefined;
  readonly claims: JsonObject;
  readonly signedText: string;
  readonly signature: Buffer;
}

/** A public key of an issuer, as its key set has it. */
export interface JsonWebKey {
  readonly kid?: string;
  readonly kty?: string;
  readonly [member: string]: unknown;
}

/** What API Gateway accepts: RSA, and nothing else. */
const DIGESTS: Readonly<Record<string, string>> = { RS256: 'RSA-SHA256', RS384: 'RSA-SHA384', RS512: 'RSA-SHA512' };

/** Undefined for a text that is no signed JSON web token. */
export function parseJwt(token: string): Jwt | undefined {
  const [headerText, claimsText, signatureText, ...more] = token.split('.');
  if (headerText === undefined || claimsText === undefined || signatureText === undefined || more.length > 0) {
    return undefined;
  }
  const header = parsePart(headerText);
  const claims = parsePart(claimsText);
  if (header === undefined || claims === undefined) return undefined;
  const { alg, kid } = header;
  return {
    algorithm: typeof alg === 'string' ? alg : 'none',
    keyId: typeof kid === 'string' ? kid : undefined,
    claims,
    signedText: `${headerText}.${claimsText}`,
    signature: Buffer.from(signatureText, 'base64url'),
  };
}

export function isSignedBy({ algorithm, signedText, signature }: Jwt, key: JsonWebKey): boolean {
  const digest = ownMember(DIGESTS, algorithm);
  if (digest === undefined || key.kty !== 'RSA') return false;
  return verify(digest, Buffer.from(signedText), createPublicKey({ key, format: 'jwk' }), signature);
}

function parsePart(text: string): JsonObject | undefined {
  try {
    const part: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return isObject(part) ? part : undefined;
  } catch {
    return undefined;
  }
}

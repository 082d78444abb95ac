import { createHash, createPrivateKey, createPublicKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import type { SigningKey } from './key-ring.ts';

/** @see https://datatracker.ietf.org/doc/html/rfc7518#section-3.3 */
const MODULUS_BITS = 2048;

/** Makes an RSA key; its id is its thumbprint. */
export async function createRsaKey(signsFrom: number): Promise<SigningKey> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: MODULUS_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const { e, n } = createPublicKey(publicKey).export({ format: 'jwk' });
  // RFC 7638
  const kid = createHash('sha256')
    .update(JSON.stringify({ e, kty: 'RSA', n }))
    .digest('base64url');
  return { kid, privateKey, signsFrom };
}

/** The public half, as a key set has it. @see https://datatracker.ietf.org/doc/html/rfc7517 */
export function publicJwkOf({ kid, privateKey }: SigningKey) {
  const { e = '', n = '' } = createPublicKey(createPrivateKey(privateKey)).export({ format: 'jwk' });
  return { kty: 'RSA' as const, use: 'sig' as const, alg: 'RS256' as const, kid, e, n };
}

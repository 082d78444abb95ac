import { createHmac, createPublicKey, timingSafeEqual, verify } from 'node:crypto';
import { WebhookSecretError } from './errors.ts';
import type { MacAlgorithm, Signature, WebhookScheme } from './scheme.ts';

/** Bytes of a MAC, or of an Ed25519 signature. */
export const SIGNATURE_BYTES = { sha1: 20, sha256: 32, sha512: 64, ed25519: 64 } as const;

const ED25519_KEY_BYTES = 32;

/**
 * Whether one of the secrets makes one of the signatures over the material. Every pair is compared, each in constant
 * time, so that the time does not tell which one matches.
 */
export function isSigned(
  { material, signatures }: { readonly material: Buffer; readonly signatures: readonly Signature[] },
  secrets: readonly string[],
  scheme: Pick<WebhookScheme, 'keyOf'>,
): boolean {
  let matches = false;
  for (const { algorithm, bytes } of signatures) {
    for (const secret of secrets) {
      const key = scheme.keyOf(secret, algorithm);
      if (key !== undefined && isSignedWith(key, material, { algorithm, bytes })) matches = true;
    }
  }
  return matches;
}

function isSignedWith(key: Buffer, material: Buffer, { algorithm, bytes }: Signature): boolean {
  if (algorithm === 'ed25519') return verify(null, material, publicKeyOf(key), bytes);
  const expected = macOf(algorithm, key, material);
  return expected.length === bytes.length && timingSafeEqual(expected, bytes);
}

const macOf = (algorithm: MacAlgorithm, key: Buffer, material: Buffer): Buffer =>
  createHmac(algorithm, key).update(material).digest();

function publicKeyOf(key: Buffer) {
  if (key.length !== ED25519_KEY_BYTES) {
    throw new WebhookSecretError(`holds an Ed25519 key of ${key.length} bytes, expected ${ED25519_KEY_BYTES}`);
  }
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key.toString('base64url') }, format: 'jwk' });
}

/** Decodes hex of exactly these bytes; undefined for anything else. */
export const fromHex = (text: string, bytes: number): Buffer | undefined =>
  text.length === 2 * bytes && /^[0-9a-f]+$/i.test(text) ? Buffer.from(text, 'hex') : undefined;

/** Decodes padded base64 of these bytes, of any number if not given; undefined for anything else. */
export function fromBase64(text: string, bytes?: number): Buffer | undefined {
  const decoded = Buffer.from(text, 'base64');
  if (decoded.toString('base64') !== text) return undefined;
  return bytes === undefined || decoded.length === bytes ? decoded : undefined;
}

/** Reads seconds since the epoch; undefined for anything but digits. */
export const toSeconds = (text: string): number | undefined =>
  /^[1-9]\d{0,11}$/.test(text) ? Number(text) : undefined;

import { createSign, generateKeyPair, type KeyObject, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { JsonObject } from '../endpoint/service.ts';

interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicJwk: JsonObject;
}

/** The keys of an issuer: the one that signs, the one that follows, and the one before. */
export interface SigningKeys {
  /** As the issuer publishes them. The next key is there before it signs: who caches keys knows it then. */
  published(): Promise<readonly JsonObject[]>;
  /** A signed JSON web token, RS256. */
  sign(claims: JsonObject): Promise<string>;
  /** Signs with the next key from now on. @returns its id */
  rotate(): Promise<string>;
}

const MODULUS_BITS = 2048;

/** Keys are made when they are first asked for: it takes a tenth of a second each. */
export function createSigningKeys(): SigningKeys {
  let keys: Promise<readonly [current: SigningKey, next: SigningKey, ...before: SigningKey[]]> | undefined;
  const all = () => {
    keys ??= Promise.all([newKey(), newKey()]);
    return keys;
  };

  return {
    published: async () => (await all()).map(({ publicJwk }) => publicJwk),
    async sign(claims) {
      const [{ kid, privateKey }] = await all();
      const text = `${encode({ alg: 'RS256', typ: 'JWT', kid })}.${encode(claims)}`;
      return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey).toString('base64url')}`;
    },
    async rotate() {
      const [before, current] = await all();
      keys = newKey().then((next) => [current, next, before] as const);
      await keys;
      return current.kid;
    },
  };
}

const encode = (part: JsonObject): string => Buffer.from(JSON.stringify(part)).toString('base64url');

async function newKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: MODULUS_BITS });
  const kid = randomUUID();
  return { kid, privateKey, publicJwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' } };
}

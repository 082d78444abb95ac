import { createSign, generateKeyPairSync } from 'node:crypto';

/** Issues tokens, and answers for its keys. */
export interface TokenIssuer {
  readonly issuer: string;
  /** How often its keys were asked for. */
  readonly asked: string[];
  fetchJson(url: string): Promise<unknown>;
  /** Signs with another RSA key from now on, and forgets the one before. */
  rotate(kid: string): void;
  /** A token of these claims beside `iss`. */
  token(claims: object, more?: { readonly alg?: string; readonly kid?: string }): string;
}

const DIGESTS: Readonly<Record<string, string>> = { RS256: 'RSA-SHA256', RS512: 'RSA-SHA512' };

export function createTokenIssuer(issuer = 'https://issuer.example'): TokenIssuer {
  let rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let rsaKid = 'rsa-1';
  const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const keys = () => [
    { ...rsa.publicKey.export({ format: 'jwk' }), kid: rsaKid },
    { ...elliptic.publicKey.export({ format: 'jwk' }), kid: 'ec-1' },
  ];
  const asked: string[] = [];
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

  return {
    issuer,
    asked,
    async fetchJson(url) {
      asked.push(url);
      if (url === `${issuer}/.well-known/openid-configuration`) return { jwks_uri: `${issuer}/keys` };
      if (url === `${issuer}/keys`) return { keys: keys() };
      throw new Error(`${url} answered 404`);
    },
    rotate(kid) {
      rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
      rsaKid = kid;
    },
    token(claims, { alg = 'RS256', kid = 'rsa-1' } = {}) {
      const text = `${encode({ alg, kid, typ: 'JWT' })}.${encode({ iss: issuer, ...claims })}`;
      const digest = DIGESTS[alg];
      const signature =
        digest === undefined
          ? createSign('SHA256').update(text).sign({ key: elliptic.privateKey, dsaEncoding: 'ieee-p1363' })
          : createSign(digest).update(text).sign(rsa.privateKey);
      return `${text}.${signature.toString('base64url')}`;
    },
  };
}

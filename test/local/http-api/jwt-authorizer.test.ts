import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { EpochMs } from '../../../lib/shared/time.ts';
import { createMovableClock } from '../../../local/clock.ts';
import type { SiteRequest } from '../../../local/endpoint/service.ts';
import { createJwtAuthorizer } from '../../../local/http-api/jwt-authorizer.ts';
import { createTokenIssuer } from './token-issuer.ts';

const T0 = Date.UTC(2026, 10, 20, 6, 0, 0) as EpochMs;
const NOW = T0 / 1000;
const CLAIMS = { sub: 'ada', aud: 'shop', exp: NOW + 60 };

const requestWith = (authorization?: string, rawQuery = ''): SiteRequest => ({
  method: 'GET',
  rawPath: '/',
  rawQuery,
  headers: authorization === undefined ? [] : [['Authorization', authorization]],
  body: Buffer.alloc(0),
  sourceIp: '127.0.0.1',
});

function open(identitySource = '$request.header.Authorization') {
  const issuer = createTokenIssuer();
  const clock = createMovableClock(() => T0);
  const settings = { identitySource, issuer: issuer.issuer, audience: ['shop', 'desk'] };
  const authorizer = createJwtAuthorizer(settings, { fetchJson: issuer.fetchJson, clock });
  return { issuer, clock, authorizer };
}

describe('a JWT authorizer', () => {
  it('accepts a valid token, and passes its claims on as text', async () => {
    const { issuer, authorizer } = open();
    const token = issuer.token({ ...CLAIMS, groups: ['admins', 'readers'], verified: true, nbf: NOW, iat: NOW });

    const verdict = await authorizer.authorize(requestWith(`Bearer ${token}`), []);

    expect(verdict).toEqual({
      kind: 'allowed',
      token: {
        claims: {
          iss: 'https://issuer.example',
          sub: 'ada',
          aud: 'shop',
          exp: '1795154460',
          groups: '[admins readers]',
          verified: 'true',
          nbf: '1795154400',
          iat: '1795154400',
        },
        scopes: null,
      },
    });
  });

  it.each([
    ['without Bearer', (token: string) => requestWith(token), '$request.header.Authorization'],
    ['in the query', (token: string) => requestWith(undefined, `token=${token}`), '$request.querystring.token'],
  ])('finds a token %s', async (_, request, identitySource) => {
    const { issuer, authorizer } = open(identitySource);

    const verdict = await authorizer.authorize(request(issuer.token(CLAIMS, { alg: 'RS512' })), []);

    expect(verdict.kind).toBe('allowed');
  });

  it('uses the client id if the token has no audience', async () => {
    const { issuer, authorizer } = open();
    const { aud: _, ...claims } = CLAIMS;

    const verdict = await authorizer.authorize(requestWith(issuer.token({ ...claims, client_id: 'desk' })), []);

    expect(verdict.kind).toBe('allowed');
  });

  it.each([
    ['no token', () => undefined, 'there is no token in $request.header.Authorization'],
    ['no JWT', () => 'Bearer a.b.c', 'the token is no signed JSON web token'],
    ['a strange issuer', () => ({ iss: 'https://other' }), "its issuer is 'https://other', expected"],
    ['a strange audience', () => ({ aud: ['bank'] }), "its audience is 'bank', expected one of shop, desk"],
    ['an expired token', () => ({ exp: NOW }), 'it has expired'],
    ['a token without end', () => ({ exp: undefined }), 'it has expired'],
    ['a token of tomorrow', () => ({ nbf: NOW + 1 }), 'it is not valid yet'],
    ['a token issued tomorrow', () => ({ iat: NOW + 1 }), 'it was issued in the future'],
  ])('refuses %s', async (_, wrong, reason) => {
    const { issuer, authorizer } = open();
    const given = wrong();

    const verdict = await authorizer.authorize(
      requestWith(typeof given === 'object' ? issuer.token({ ...CLAIMS, ...given }) : given),
      [],
    );

    expect(verdict).toMatchObject({ kind: 'unauthorized', reason: expect.stringContaining(reason) });
  });

  it('refuses a foreign signature, an unknown key, and an algorithm other than RSA', async () => {
    const { issuer, authorizer } = open();
    const forged = createTokenIssuer().token(CLAIMS);
    const unknown = issuer.token(CLAIMS, { kid: 'rsa-2' });
    const elliptic = issuer.token(CLAIMS, { alg: 'ES256', kid: 'ec-1' });
    const [, claims] = issuer.token(CLAIMS).split('.');
    const unsigned = `${Buffer.from('{"alg":"none","kid":"rsa-1"}').toString('base64url')}.${claims}.`;

    for (const token of [forged, unknown, elliptic, unsigned]) {
      const verdict = await authorizer.authorize(requestWith(token), []);

      expect(verdict.kind).toBe('unauthorized');
    }
  });

  it('refuses an HMAC with the public key as its secret', async () => {
    const { issuer, authorizer } = open();
    const [, claims] = issuer.token(CLAIMS).split('.');
    const { keys } = (await issuer.fetchJson(`${issuer.issuer}/keys`)) as { keys: JsonWebKey[] };
    const secret = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const signed = `${Buffer.from('{"alg":"HS256","kid":"rsa-1"}').toString('base64url')}.${claims}`;
    const token = `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;

    const verdict = await authorizer.authorize(requestWith(`Bearer ${token}`), []);

    expect(verdict).toMatchObject({ kind: 'unauthorized', told: 'the token does not have a valid signature' });
  });

  it('refuses the issuer with a slash at its end, which is another one', async () => {
    const { issuer, authorizer } = open();

    const verdict = await authorizer.authorize(requestWith(issuer.token({ ...CLAIMS, iss: `${issuer.issuer}/` })), []);

    expect(verdict).toMatchObject({ kind: 'unauthorized', told: 'the token does not have a valid issuer' });
  });

  it('accepts an ID token where the route asks for no scope, and refuses it where it does', async () => {
    const { issuer, authorizer } = open();
    const request = requestWith(issuer.token({ ...CLAIMS, token_use: 'id', email: 'ada@example.com' }));

    expect((await authorizer.authorize(request, [])).kind).toBe('allowed');
    expect((await authorizer.authorize(request, ['orders:read'])).kind).toBe('forbidden');
  });

  it('knows a rotated key once the keys are read anew, and refuses the old one then', async () => {
    const { issuer, clock, authorizer } = open();
    const old = issuer.token({ ...CLAIMS, exp: NOW + 90_000 });
    expect((await authorizer.authorize(requestWith(old), [])).kind).toBe('allowed');
    issuer.rotate('rsa-2');
    const fresh = issuer.token({ ...CLAIMS, exp: NOW + 90_000 }, { kid: 'rsa-2' });

    expect(await authorizer.authorize(requestWith(fresh), [])).toMatchObject({
      told: 'the key of the token is unknown',
    });
    await clock.advance(2 * 3_600_000 + 1);
    expect((await authorizer.authorize(requestWith(fresh), [])).kind).toBe('allowed');
    expect((await authorizer.authorize(requestWith(old), [])).kind).toBe('unauthorized');
  });

  it('requires one of the scopes of the route', async () => {
    const { issuer, authorizer } = open();
    const reader = requestWith(issuer.token({ ...CLAIMS, scope: 'orders.read orders.list' }));
    const writer = requestWith(issuer.token({ ...CLAIMS, scp: ['orders.write'] }));

    const read = await authorizer.authorize(reader, ['orders.read', 'orders.write']);
    const refused = await authorizer.authorize(reader, ['orders.write']);
    const written = await authorizer.authorize(writer, ['orders.write']);

    expect(read).toMatchObject({ kind: 'allowed', token: { scopes: ['orders.read'] } });
    expect(refused).toEqual({ kind: 'forbidden', reason: 'the token has none of the scopes orders.write' });
    expect(written.kind).toBe('allowed');
  });

  it('keeps the keys for two hours', async () => {
    const { issuer, clock, authorizer } = open();
    const request = requestWith(issuer.token({ ...CLAIMS, exp: NOW + 86_400 }));

    await authorizer.authorize(request, []);
    await authorizer.authorize(request, []);
    clock.advance(2 * 60 * 60 * 1000 + 1);
    await authorizer.authorize(request, []);

    expect(issuer.asked).toHaveLength(4);
  });

  it('refuses while the issuer is unreachable, and retries', async () => {
    const issuer = createTokenIssuer();
    let isDown = true;
    const authorizer = createJwtAuthorizer(
      { identitySource: '$request.header.Authorization', issuer: issuer.issuer, audience: ['shop'] },
      {
        clock: createMovableClock(() => T0),
        fetchJson: (url) => (isDown ? Promise.reject(new Error('down')) : issuer.fetchJson(url)),
      },
    );
    const request = requestWith(issuer.token(CLAIMS));

    const during = await authorizer.authorize(request, []);
    isDown = false;
    const after = await authorizer.authorize(request, []);

    expect(during).toMatchObject({
      kind: 'unauthorized',
      reason: expect.stringContaining('cannot be had: Error: down'),
    });
    expect(after.kind).toBe('allowed');
  });
});

import { describe, expect, it } from 'vitest';
import { createJwtAuthorizer } from '../../../local/http-api/jwt-authorizer.ts';
import { createLocalIssuers } from '../../../local/issuer/local-issuers.ts';
import { createTestClock } from '../../fixtures/event-maker.ts';

const AUTH = { issuer: 'https://auth.example.com', audience: ['shop'], scopes: ['orders:read', 'orders:write'] };
const POOL = { issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/pool-1', audience: ['web'], scopes: [] };
const HERE = { issuer: 'http://127.0.0.1:4000', audience: ['shop'], scopes: [] };

function createRig(asked = [AUTH, POOL, HERE]) {
  const test = createTestClock();
  const clock = { ...test, schedule: () => () => undefined };
  const fetched: string[] = [];
  const issuers = createLocalIssuers({
    clock,
    endpointUrl: () => 'http://127.0.0.1:9000',
    asked: () => asked,
    fetchJson: async (url) => void fetched.push(url),
  });
  const send = async (method: string, rawPath: string, form?: string, type = 'application/x-www-form-urlencoded') => {
    const { statusCode, body } = await issuers.site.handle({
      method,
      rawPath,
      rawQuery: '',
      headers: form === undefined ? [] : [['Content-Type', type]],
      body: Buffer.from(form ?? ''),
      sourceIp: '127.0.0.1',
    });
    return { status: statusCode, json: JSON.parse(String(body)) };
  };
  const token = async (form = '', name = 'auth.example.com'): Promise<string> =>
    (await send('POST', `/${name}/token`, form)).json.access_token;
  const authorizerOf = ({ issuer, audience }: typeof AUTH) =>
    createJwtAuthorizer(
      { identitySource: '$request.header.authorization', issuer, audience },
      { fetchJson: issuers.fetchJson, clock },
    );
  return { issuers, test, fetched, send, token, authorizerOf };
}

const verdictOf = (authorizer: ReturnType<typeof createJwtAuthorizer>, token: string, scopes: readonly string[] = []) =>
  authorizer.authorize(
    {
      method: 'GET',
      rawPath: '/',
      rawQuery: '',
      headers: [['authorization', `Bearer ${token}`]],
      body: Buffer.of(),
      sourceIp: '127.0.0.1',
    },
    scopes,
  );

describe('a run', () => {
  it('stands in for the issuers that are not on this machine', () => {
    expect(
      createRig()
        .issuers.served()
        .map(({ url }) => url),
    ).toStrictEqual([
      'http://127.0.0.1:9000/_issuers/auth.example.com',
      'http://127.0.0.1:9000/_issuers/cognito-idp.eu-west-1.amazonaws.com/pool-1',
    ]);
  });

  it('issues tokens that an authorizer takes, with what its routes ask for', async () => {
    const { token, authorizerOf } = createRig();

    expect(await verdictOf(authorizerOf(AUTH), await token(), ['orders:write'])).toMatchObject({
      kind: 'allowed',
      token: {
        claims: {
          iss: 'https://auth.example.com',
          sub: 'local-user',
          aud: 'shop',
          scope: 'orders:read orders:write',
          iat: '1795154400',
          exp: '1795158000',
        },
      },
    });
  });

  it('tells an issuer from one whose address begins alike', async () => {
    const { token } = createRig([AUTH, { ...AUTH, issuer: 'https://auth.example.com/b2b/' }]);
    const [, claims = ''] = (await token('', 'auth.example.com/b2b')).split('.');

    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      iss: 'https://auth.example.com/b2b/',
    });
  });

  it('issues tokens of each issuer with keys of its own', async () => {
    const { token, authorizerOf } = createRig();
    const ofPool = await token('', 'cognito-idp.eu-west-1.amazonaws.com/pool-1');

    expect(await verdictOf(authorizerOf(POOL), ofPool)).toMatchObject({ kind: 'allowed' });
    expect(await verdictOf(authorizerOf({ ...AUTH, audience: ['web'] }), ofPool)).toMatchObject({
      kind: 'unauthorized',
      told: 'the key of the token is unknown',
    });
  });

  it('issues tokens for a subject, scopes, a lifetime and claims of one’s choice', async () => {
    const { token, authorizerOf, test } = createRig();
    const chosen = await token('sub=jane&scope=orders:read&expires_in=60&custom:tenant=acme&roles=a&roles=b');

    const authorizer = authorizerOf(AUTH);
    expect(await verdictOf(authorizer, chosen)).toMatchObject({
      token: { claims: { sub: 'jane', scope: 'orders:read', 'custom:tenant': 'acme', roles: '[a b]' } },
    });
    expect(await verdictOf(authorizer, chosen, ['orders:write'])).toMatchObject({ kind: 'forbidden' });
    test.advance(60_000);
    expect(await verdictOf(authorizer, chosen)).toMatchObject({ told: 'the token has expired' });
  });

  it('issues tokens that have expired, and of another audience', async () => {
    const { token, authorizerOf } = createRig();
    const authorizer = authorizerOf(AUTH);

    expect(await verdictOf(authorizer, await token('expires_in=-1'))).toMatchObject({ told: 'the token has expired' });
    expect(await verdictOf(authorizer, await token('aud=other'))).toMatchObject({
      told: 'the token does not have a valid audience',
    });
  });

  it.each([
    ['iss=https://other.example.com', "'iss' cannot be chosen; expires_in=<seconds> sets the lifetime"],
    ['exp=1', "'exp' cannot be chosen; expires_in=<seconds> sets the lifetime"],
    ['expires_in=1h', "expires_in must be whole seconds from -86400 to 86400, got '1h'"],
    ['expires_in=86401', "expires_in must be whole seconds from -86400 to 86400, got '86401'"],
    ['a%20b=1', "a claim must have a name of letters, digits and '_:./-', got 'a b'"],
  ])('refuses the request %s', async (form, description) => {
    expect(await createRig().send('POST', '/auth.example.com/token', form)).toStrictEqual({
      status: 400,
      json: { error: 'invalid_request', error_description: description },
    });
  });

  it('refuses a body that is no form, and what it does not serve', async () => {
    const { send } = createRig();

    expect(await send('POST', '/auth.example.com/token', '{}', 'application/json')).toMatchObject({
      status: 400,
      json: {
        error_description: "send a form (application/x-www-form-urlencoded), as curl -d does, got 'application/json'",
      },
    });
    expect(await send('GET', '/auth.example.com/token')).toMatchObject({ status: 404 });
    expect(await send('POST', '/127.0.0.1:4000/token')).toMatchObject({
      status: 404,
      json: { message: expect.stringContaining('http://127.0.0.1:9000/_issuers/auth.example.com') },
    });
  });

  it('rotates keys: tokens from before and after are taken at once, since the next key is published before it signs', async () => {
    const { send, token, authorizerOf } = createRig();
    const before = await token();
    const authorizer = authorizerOf(AUTH);
    await verdictOf(authorizer, before);

    const { json } = await send('POST', '/auth.example.com/rotate');
    const after = await token();

    expect(JSON.parse(Buffer.from(after.split('.')[0] ?? '', 'base64url').toString())).toMatchObject({ kid: json.kid });
    expect(await verdictOf(authorizer, after)).toMatchObject({ kind: 'allowed' });
    expect(await verdictOf(authorizer, before)).toMatchObject({ kind: 'allowed' });
  });

  it('forgets a key two rotations later; who has cached the keys does not know the newest, as on AWS', async () => {
    const { send, token, authorizerOf } = createRig();
    const before = await token();
    const cached = authorizerOf(AUTH);
    await verdictOf(cached, before);
    for (let rotation = 0; rotation < 2; rotation++) await send('POST', '/auth.example.com/rotate');

    expect(await verdictOf(cached, await token())).toMatchObject({ told: 'the key of the token is unknown' });
    expect(await verdictOf(authorizerOf(AUTH), await token())).toMatchObject({ kind: 'allowed' });
    expect(await verdictOf(authorizerOf(AUTH), before)).toMatchObject({ told: 'the key of the token is unknown' });
  });

  it('says where its keys are, as OpenID Connect asks', async () => {
    const { send, fetched } = createRig();

    expect(await send('GET', '/auth.example.com/.well-known/openid-configuration')).toMatchObject({
      status: 200,
      json: {
        issuer: 'https://auth.example.com',
        jwks_uri: 'http://127.0.0.1:9000/_issuers/auth.example.com/jwks',
        token_endpoint: 'http://127.0.0.1:9000/_issuers/auth.example.com/token',
      },
    });
    const { json } = await send('GET', '/auth.example.com/jwks');
    expect(json.keys).toMatchObject([{ kty: 'RSA' }, { kty: 'RSA' }]);
    expect(json.keys[0]).not.toHaveProperty('d');
    expect(fetched).toStrictEqual([]);
  });

  it('asks an issuer of this machine itself, and takes no requests of web pages', async () => {
    const { issuers, fetched } = createRig();
    await issuers.fetchJson('http://127.0.0.1:4000/.well-known/openid-configuration');

    expect(fetched).toStrictEqual(['http://127.0.0.1:4000/.well-known/openid-configuration']);
    expect(issuers.site.admitsPagesOf('https://shop.example.com', '/auth.example.com/token')).toBe(false);
  });
});

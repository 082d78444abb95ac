import { describe, expect, it } from 'vitest';
import { createJwtAuthorizer } from '../../../../../local/http-api/jwt-authorizer.ts';
import { createAccountsRig, decodeToken, ISSUER } from './accounts-rig.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

type Rig = ReturnType<typeof createAccountsRig>;

const kidsOf = async (container: Pick<Rig, 'send'>): Promise<readonly string[]> =>
  (await container.send('GET /.well-known/jwks.json')).json.keys.map(({ kid }: { readonly kid: string }) => kid);

const signerOf = (token: string) => decodeToken(token).header['kid'];

/** API Gateway's authorizer, which keeps keys for two hours. */
const createVerifier = (rig: Rig) =>
  createJwtAuthorizer(
    { identitySource: '$request.header.Authorization', issuer: ISSUER, audience: ['shop'] },
    {
      clock: { ...rig.clock, schedule: () => () => undefined } as unknown as Parameters<
        typeof createJwtAuthorizer
      >[1]['clock'],
      fetchJson: async (url) => (await rig.send(`GET ${url.slice(ISSUER.length)}`)).json,
    },
  );

const verify = async (verifier: ReturnType<typeof createVerifier>, token: string) =>
  (
    await verifier.authorize(
      {
        method: 'GET',
        rawPath: '/',
        rawQuery: '',
        headers: [['authorization', `Bearer ${token}`]],
        body: Buffer.alloc(0),
        sourceIp: '192.0.2.1',
      },
      ['accounts:admin'],
    )
  ).kind;

describe('the first key', () => {
  it('is made by the first request that needs one, and verifies what it signs', async () => {
    const rig = createAccountsRig();
    expect(rig.secrets.values.has('signing-keys')).toBe(false);

    const token = await rig.operator();

    expect(await verify(createVerifier(rig), token)).toBe('allowed');
    expect(await kidsOf(rig)).toStrictEqual([signerOf(token)]);
  });

  it('is one, if containers make one at the same time', async () => {
    const rig = createAccountsRig();
    const containers = Array.from({ length: 5 }, () => rig.newContainer());

    const kids = await Promise.all(containers.map(kidsOf));

    expect(new Set(kids.flat()).size).toBe(1);
    expect(kids.every((each) => each.length === 1)).toBe(true);
  });

  it('is not published with its private half', async () => {
    const rig = createAccountsRig();

    const { json } = await rig.send('GET /.well-known/jwks.json');

    expect(Object.keys(json.keys[0]).toSorted()).toStrictEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  });
});

describe('a rotation', () => {
  it('comes by itself after 90 days: the next key is published for a day before it signs', async () => {
    const rig = createAccountsRig();
    const [first] = await kidsOf(rig);
    rig.clock.advance(90 * DAY_MS - 1);
    expect(await kidsOf(rig)).toStrictEqual([first]);
    rig.clock.advance(1);

    const [, next] = await kidsOf(rig);
    const before = await rig.operator();
    rig.clock.advance(DAY_MS);
    const after = await rig.operator();

    expect(next).toBeDefined();
    expect([signerOf(before), signerOf(after)]).toStrictEqual([first, next]);
  });

  it('leaves each token valid until it expires, at verifiers that keep keys for two hours', async () => {
    const rig = createAccountsRig();
    const verifier = createVerifier(rig);
    expect(await verify(verifier, await rig.operator())).toBe('allowed');
    await rig.keyRing.rotate(24 * 3600);

    // an hour before, at, and after the change of the signer
    for (let minute = 0; minute < 26 * 60; minute += 7) {
      rig.clock.advance(7 * 60_000);
      const token = await rig.operator();
      expect(await verify(verifier, token), `after ${minute} minutes`).toBe('allowed');
      rig.clock.advance(599_000);
      expect(await verify(verifier, token), `at its end, after ${minute} minutes`).toBe('allowed');
      rig.clock.advance(2_000);
      expect(await verify(verifier, token)).toBe('unauthorized');
      minute += 10;
    }

    expect(decodeToken(await rig.operator()).header['kid']).not.toBe('key-1');
  });

  it('keeps the key before until its last token has expired, then drops it', async () => {
    const rig = createAccountsRig();
    const [first] = await kidsOf(rig);
    await rig.keyRing.rotate(0);
    const [, second] = await kidsOf(rig);

    rig.clock.advance(HOUR_MS);
    expect(await kidsOf(rig)).toStrictEqual([first, second]);
    rig.clock.advance(5 * 60_000 + 1);
    expect(await kidsOf(rig)).toStrictEqual([second]);
  });

  it('that two start at once gives one next key', async () => {
    const rig = createAccountsRig();
    await kidsOf(rig);

    const rings = await Promise.all([rig.newContainer(), rig.newContainer()].map(({ keyRing }) => keyRing.rotate(60)));

    const [one, other] = rings.map(({ keys }) => keys.map(({ kid }) => kid));
    expect(one).toStrictEqual(other);
    expect(one).toHaveLength(2);
  });

  it('reaches other containers within five minutes', async () => {
    const rig = createAccountsRig();
    const other = rig.newContainer();
    await kidsOf(other);
    await rig.keyRing.rotate(24 * 3600);
    rig.clock.advance(5 * 60_000);

    expect(await kidsOf(other)).toHaveLength(2);
  });
});

describe('the secret of the keys', () => {
  it.each(['no JSON', '{}', '{"generation":1,"keys":[]}'])(
    'is refused as %s, and nothing replaces it',
    async (text) => {
      const rig = createAccountsRig();
      rig.secrets.values.set('signing-keys', text);

      expect(await rig.send('GET /.well-known/jwks.json')).toMatchObject({
        status: 500,
        json: { code: 'INTERNAL_ERROR' },
      });
      expect(rig.secrets.values.get('signing-keys')).toBe(text);
    },
  );
});

describe('the secret of the operator', () => {
  it('takes effect at once after a rotation, while wrong secrets force one reading in 30 seconds', async () => {
    const rig = createAccountsRig();
    const token = (client_secret: string) =>
      rig.post('/token', { grant_type: 'client_credentials', client_id: 'operator', client_secret });
    expect((await token('operator secret')).status).toBe(200);
    rig.secrets.values.set('operator', '{"current":"new secret","previous":"operator secret"}');
    rig.clock.advance(30_000);
    rig.secrets.reads.length = 0;

    expect((await token('new secret')).status).toBe(200);
    expect((await token('operator secret')).status).toBe(200);
    for (let count = 0; count < 5; count++) {
      expect(await token('guess')).toMatchObject({ status: 401, json: { code: 'GRANT_REFUSED' } });
    }

    expect(rig.secrets.reads.filter((name) => name === 'operator')).toHaveLength(1);
  });
});

import { describe, expect, it } from 'vitest';
import { createAccountsRig, decodeToken, PASSWORD } from './accounts-rig.ts';

describe('a login', () => {
  it('gives an access token of ten minutes with the scopes of the roles, and a refresh token', async () => {
    const rig = createAccountsRig();
    const accountId = await rig.addAccount('ann@example.com', { roles: ['support'] });

    const { status, headers, json } = await rig.logIn();

    expect([status, headers['cache-control']]).toStrictEqual([200, 'no-store']);
    expect(json).toMatchObject({ token_type: 'Bearer', expires_in: 600 });
    const { header, claims } = decodeToken(json.access_token);
    expect(header).toMatchObject({ alg: 'RS256', typ: 'at+jwt' });
    expect(claims).toStrictEqual({
      iss: 'https://issuer.example.com',
      aud: 'shop',
      sub: accountId,
      client_id: 'web',
      scope: 'orders:read orders:write orders:read-for-others orders:write-for-others catalog:read account',
      jti: expect.any(String),
      iat: 1_795_154_400,
      exp: 1_795_155_000,
    });
  });

  it('gives fewer scopes if fewer are asked for, and refuses more', async () => {
    const rig = createAccountsRig();
    await rig.addAccount();
    const logIn = (scope: string) => rig.post('/sessions', { email: 'ann@example.com', password: PASSWORD, scope });

    expect((await logIn('orders:read')).json.scope).toBe('orders:read');
    expect(await logIn('orders:read accounts:admin')).toMatchObject({ status: 400, json: { code: 'SCOPE_REFUSED' } });
    expect(await logIn(' ')).toMatchObject({ status: 400, json: { code: 'SCOPE_REFUSED' } });
  });

  it('answers and works the same for an unknown address as for a wrong password', async () => {
    const rig = createAccountsRig();
    await rig.addAccount();
    const hashesOf = async (email: string, password: string) => {
      const before = rig.hashed.length;
      const { status, json } = await rig.logIn(email, password);
      const { correlationId: _, ...told } = json;
      return { status, told, costs: rig.hashed.slice(before).map(({ memory, passes }) => ({ memory, passes })) };
    };

    const wrong = await hashesOf('ann@example.com', 'wrong password');
    const unknown = await hashesOf('nobody@example.com', 'wrong password');

    expect(wrong).toStrictEqual({
      status: 401,
      told: {
        type: 'urn:waybill:problem:LOGIN_REFUSED',
        title: 'The e-mail address or the password is wrong',
        status: 401,
        code: 'LOGIN_REFUSED',
      },
      costs: [{ memory: 64, passes: 2 }],
    });
    expect(unknown).toStrictEqual(wrong);
  });

  it('stores the password anew if a password costs more by now, once', async () => {
    const rig = createAccountsRig();
    await rig.addAccount();
    const dearer = rig.newContainer({ memory: 128, passes: 3 });
    const logIn = () => dearer.send('POST /sessions', { body: { email: 'ann@example.com', password: PASSWORD } });

    const costs = [];
    for (let count = 0; count < 2; count++) {
      rig.hashed.length = 0;
      expect((await logIn()).status).toBe(200);
      costs.push(rig.hashed.map(({ memory }) => memory));
    }

    expect(costs).toStrictEqual([[64, 128], [128]]);
  });

  it('takes an address in upper and lower case', async () => {
    const rig = createAccountsRig();
    await rig.addAccount();

    expect((await rig.logIn(' Ann@EXAMPLE.com')).status).toBe(200);
  });

  it('belongs to one tenant, whose claim its token has', async () => {
    const rig = createAccountsRig({ mode: 'required' });
    const token = await rig.operator('acme');
    await rig.post('/accounts', { email: 'ann@example.com', password: PASSWORD, name: 'Ann' }, { token });
    const logIn = (tenant?: string) => rig.post('/sessions', { tenant, email: 'ann@example.com', password: PASSWORD });

    const here = await logIn('acme');

    expect(decodeToken(here.json.access_token).claims['tenant']).toBe('acme');
    expect(here.json.refresh_token).toMatch(/^acme\.f-/);
    expect(await logIn('globex')).toMatchObject({ status: 401, json: { code: 'LOGIN_REFUSED' } });
    expect(await logIn()).toMatchObject({ status: 401 });
    expect(await logIn('NO TENANT')).toMatchObject({ status: 401 });
  });
});

describe('attempts to log in', () => {
  it('of one account are limited from wherever they come, known or not', async () => {
    for (const email of ['ann@example.com', 'nobody@example.com']) {
      const rig = createAccountsRig();
      await rig.addAccount();
      const statuses = [];
      for (let count = 0; count < 11; count++) {
        statuses.push((await rig.logIn(email, 'wrong password', { from: `192.0.2.${count}` })).status);
      }

      expect(statuses).toStrictEqual([...Array.from({ length: 10 }, () => 401), 429]);
      const refused = await rig.logIn(email, PASSWORD);
      expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '300' }, json: { code: 'RATE_LIMITED' } });
      rig.clock.advance(300_000);
      expect((await rig.logIn('ann@example.com')).status).toBe(200);
    }
  });

  it('from one address are limited, whatever the accounts', async () => {
    const rig = createAccountsRig();
    const logIn = (count: number, from: string) => rig.logIn(`user-${count}@example.com`, 'wrong password', { from });
    for (let count = 0; count < 100; count++) expect((await logIn(count, '192.0.2.7')).status).toBe(401);

    expect((await logIn(100, '192.0.2.7')).status).toBe(429);
    expect((await logIn(100, '192.0.2.8')).status).toBe(401);
  });

  it('that are refused cost no hash', async () => {
    const rig = createAccountsRig();
    for (let count = 0; count < 10; count++) await rig.logIn('ann@example.com', 'wrong password');
    rig.hashed.length = 0;

    await rig.logIn('ann@example.com', 'wrong password');

    expect(rig.hashed).toStrictEqual([]);
  });

  it('are counted without the address and the account, and under another key as others', async () => {
    const idsOf = async (key: string) => {
      const rig = createAccountsRig();
      rig.secrets.values.set('accounts-key', JSON.stringify({ current: key }));
      await rig.logIn('ann@example.com', 'wrong password', { from: '192.0.2.77' });
      expect(JSON.stringify(rig.tables.items('requests'))).not.toMatch(/192\.0\.2\.77|ann/);
      return rig.tables.items('requests').map(({ id }) => id?.S);
    };

    const [first, again, other] = [await idsOf('one'), await idsOf('one'), await idsOf('other')];

    expect(first).toHaveLength(2);
    expect(again).toStrictEqual(first);
    expect(other.filter((id) => first.includes(id))).toStrictEqual([]);
  });
});

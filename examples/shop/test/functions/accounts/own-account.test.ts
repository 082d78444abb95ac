import { describe, expect, it } from 'vitest';
import { createAccountsRig, PASSWORD } from './accounts-rig.ts';

const HOME = { recipient: 'Ann Archer', street: '1 Tea Lane', postalCode: 'N1 9GU', city: 'London', country: 'GB' };

async function loggedIn() {
  const rig = createAccountsRig();
  const accountId = await rig.addAccount();
  const { json } = await rig.logIn();
  const token: string = json.access_token;
  const call = (
    routeKey: string,
    more: {
      readonly body?: unknown;
      readonly headers?: Record<string, string>;
      readonly params?: Record<string, string>;
    } = {},
  ) => rig.send(routeKey, { ...more, token });
  return { rig, accountId, token, refreshToken: json.refresh_token as string, call };
}

describe('the owner of an account', () => {
  it('changes the name and the preferences on condition that they are as shown', async () => {
    const { rig, accountId, call } = await loggedIn();
    const shown = await call('GET /account');
    const etag = String(shown.headers['etag']);
    const wanted = { language: 'de-CH', mails: { orders: true, delivery: false, news: true } };

    expect((await call('PUT /account', { body: { name: 'Anne' } })).status).toBe(428);
    expect((await call('PUT /account', { body: { name: 'Anne' }, headers: { 'if-match': etag } })).status).toBe(204);
    const stale = await call('PUT /account/preferences', { body: wanted, headers: { 'if-match': etag } });
    expect(stale).toMatchObject({ status: 412, json: { code: 'PRECONDITION_FAILED' } });
    const { headers } = await call('GET /account/preferences');
    const changed = await call('PUT /account/preferences', {
      body: wanted,
      headers: { 'if-match': String(headers['etag']) },
    });

    expect(changed.status).toBe(204);
    expect((await call('GET /account/preferences')).json).toStrictEqual(wanted);
    expect((await call('GET /account')).json.name).toBe('Anne');
    expect(JSON.parse(rig.bodies().at(-1) ?? '')).toMatchObject({
      type: 'com.example.account.preferences-changed',
      data: { accountId, ...wanted },
    });
  });

  it('loses a race of two changes with 412', async () => {
    const { call } = await loggedIn();
    const headers = { 'if-match': String((await call('GET /account')).headers['etag']) };

    const answers = await Promise.all(
      ['Anne', 'Annie'].map((name) => call('PUT /account', { body: { name }, headers })),
    );

    expect(answers.map(({ status }) => status).toSorted()).toStrictEqual([204, 412]);
  });

  it('keeps an address book, in which each address has its own version', async () => {
    const { call } = await loggedIn();
    const add = (key: string) => call('POST /account/addresses', { body: HOME, headers: { 'idempotency-key': key } });
    const first = await add('one');
    const again = await add('one');
    const second = await add('two');
    const params = { addressId: first.json.addressId };
    const work = { ...HOME, street: '2 Work Road' };

    expect(again).toMatchObject({ json: first.json, headers: { 'idempotent-replayed': 'true' } });
    const changed = await call('PUT /account/addresses/{addressId}', {
      params,
      body: work,
      headers: { 'if-match': '"1"' },
    });
    expect(changed.status).toBe(204);
    expect(
      (await call('DELETE /account/addresses/{addressId}', { params, headers: { 'if-match': '"1"' } })).status,
    ).toBe(412);
    expect((await call('GET /account/addresses/{addressId}', { params })).json).toStrictEqual(work);
    expect(
      (await call('DELETE /account/addresses/{addressId}', { params, headers: { 'if-match': '"2"' } })).status,
    ).toBe(204);
    expect((await call('GET /account/addresses')).json).toStrictEqual({
      addresses: [{ addressId: second.json.addressId, version: 1, address: HOME }],
    });
  });

  it('has twenty addresses at most', async () => {
    const { call } = await loggedIn();
    const add = (count: number) =>
      call('POST /account/addresses', { body: HOME, headers: { 'idempotency-key': `${count}` } });
    for (let count = 0; count < 20; count++) expect((await add(count)).status).toBe(201);

    expect(await add(20)).toMatchObject({ status: 409, json: { code: 'ADDRESS_BOOK_FULL' } });
  });

  it('needs the password to change it or to delete the account, and may guess ten times', async () => {
    const { call } = await loggedIn();
    for (let count = 0; count < 10; count++) {
      const refused = await call('POST /account/deletion', { body: { password: 'wrong password' } });
      expect(refused).toMatchObject({ status: 403, json: { code: 'PASSWORD_WRONG' } });
    }

    expect((await call('POST /account/deletion', { body: { password: PASSWORD } })).status).toBe(429);
    const change = { current: PASSWORD, next: 'another horse battery' };
    expect((await call('POST /account/password', { body: change })).status).toBe(429);
  });
});

describe('a deletion', () => {
  it('leaves no personal datum in any table, and none in any event', async () => {
    const { rig, accountId, call, refreshToken } = await loggedIn();
    await call('POST /account/addresses', { body: HOME, headers: { 'idempotency-key': 'one' } });
    // asks for an account again, and another has the address only wanted
    await rig.post('/registrations', { email: 'ANN@example.com', password: PASSWORD, name: 'Ann Archer' });
    expect(JSON.stringify(rig.items())).toMatch(/ann@example\.com.*Tea Lane|Tea Lane.*ann@example\.com/);

    const deleted = await call('POST /account/deletion', { body: { password: PASSWORD } });

    expect(deleted.status).toBe(204);
    const left = [rig.items(), rig.tables.items('requests'), rig.bodies()].map((each) => JSON.stringify(each));
    for (const datum of ['ann@', 'Archer', 'Tea Lane', 'N1 9GU', '192.0.2.1']) {
      expect(left.filter((text) => text.toLowerCase().includes(datum.toLowerCase()))).toStrictEqual([]);
    }
    expect(JSON.parse(rig.bodies().at(-1) ?? '')).toMatchObject({
      type: 'com.example.account.deleted',
      data: { accountId },
    });
    expect(await rig.refresh(refreshToken)).toMatchObject({ status: 401 });
    expect(await call('GET /account')).toMatchObject({ status: 404, json: { code: 'ACCOUNT_GONE' } });
    expect((await rig.logIn()).status).toBe(401);
  });

  it('wins against an address that is added at the same time', async () => {
    const { rig, call } = await loggedIn();

    await Promise.all([
      call('POST /account/addresses', { body: HOME, headers: { 'idempotency-key': 'one' } }),
      call('POST /account/deletion', { body: { password: PASSWORD } }),
    ]);
    await call('POST /account/deletion', { body: { password: PASSWORD } });

    expect(JSON.stringify(rig.items())).not.toContain('Tea Lane');
  });

  it('frees the address for another account', async () => {
    const { rig, call } = await loggedIn();
    await call('POST /account/deletion', { body: { password: PASSWORD } });

    expect(await rig.addAccount()).toMatch(/^a-/);
  });

  it('of somebody is done by an administrator, who needs no password', async () => {
    const { rig, accountId } = await loggedIn();
    const token = await rig.operator();
    const erase = () => rig.send('DELETE /accounts/{accountId}', { params: { accountId }, token });

    expect((await erase()).status).toBe(204);
    expect(await erase()).toMatchObject({ status: 404, json: { code: 'ACCOUNT_NOT_FOUND' } });
  });
});

describe('a machine client', () => {
  const add = async (rig: ReturnType<typeof createAccountsRig>, scopes: readonly string[]) =>
    rig.post('/clients', { name: 'partner', scopes }, { token: await rig.operator() });
  const tokenOf = (rig: ReturnType<typeof createAccountsRig>, client: object) =>
    rig.post('/token', { grant_type: 'client_credentials', ...client });

  it('gets tokens of its scopes for its secret, which is stored nowhere', async () => {
    const rig = createAccountsRig();
    const { json } = await add(rig, ['orders:write-for-others', 'orders:read-for-others']);

    const granted = await tokenOf(rig, json);

    expect(granted.json.scope).toBe('orders:write-for-others orders:read-for-others');
    expect(granted.json.refresh_token).toBeUndefined();
    expect(JSON.stringify([rig.items(), rig.tables.items('requests')])).not.toContain(json.client_secret);
    expect(await tokenOf(rig, { ...json, client_secret: 'guess' })).toMatchObject({ status: 401 });
    expect(await tokenOf(rig, { ...json, client_id: 'c-unknown' })).toMatchObject({ status: 401 });
  });

  it('ends with its secret, or with itself', async () => {
    const rig = createAccountsRig();
    const { json } = await add(rig, ['catalog:write']);
    const [params, token] = [{ clientId: json.client_id }, await rig.operator()];

    const replaced = await rig.send('POST /clients/{clientId}/secret', { params, token });
    expect((await tokenOf(rig, json)).status).toBe(401);
    expect((await tokenOf(rig, replaced.json)).status).toBe(200);
    expect((await rig.send('DELETE /clients/{clientId}', { params, token })).status).toBe(204);
    expect((await tokenOf(rig, replaced.json)).status).toBe(401);
  });

  it('cannot have an account of its own, and belongs to one tenant', async () => {
    expect((await add(createAccountsRig(), ['account'])).status).toBe(400);
    const rig = createAccountsRig({ mode: 'required' });
    const { json } = await rig.post(
      '/clients',
      { name: 'partner', scopes: ['catalog:write'] },
      { token: await rig.operator('acme') },
    );

    expect(json.client_id).toMatch(/^acme\.c-/);
    const elsewhere = { ...json, client_id: json.client_id.replace('acme', 'globex') };
    expect((await tokenOf(rig, elsewhere)).status).toBe(401);
    expect((await tokenOf(rig, json)).status).toBe(200);
  });
});

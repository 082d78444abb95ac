import { describe, expect, it } from 'vitest';
import { createAccountsRig } from './accounts-rig.ts';

const SECRET = 'operator secret';

const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${encodeForm(id)}:${encodeForm(secret)}`).toString('base64')}`,
});

const encodeForm = (text: string) => new URLSearchParams({ t: text }).toString().slice(2);

const FORM = { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' };

const formOf = (fields: Readonly<Record<string, string>>) => new URLSearchParams(fields).toString();

const GRANT = { grant_type: 'client_credentials' };

describe('a client gets a token', () => {
  it.each([
    ['by a form', FORM, formOf({ ...GRANT, client_id: 'operator', client_secret: SECRET })],
    ['by a form and HTTP Basic', { ...FORM, ...basic('operator', SECRET) }, formOf(GRANT)],
    [
      'by HTTP Basic, and names itself in the form, too',
      { ...FORM, ...basic('operator', SECRET) },
      formOf({ ...GRANT, client_id: 'operator', client_secret: '', scope: '' }),
    ],
    ['by JSON and HTTP Basic', basic('operator', SECRET), GRANT],
    ['by JSON', {}, { ...GRANT, client_id: 'operator', client_secret: SECRET }],
  ])('%s', async (_, headers, body) => {
    const rig = createAccountsRig();

    const answer = await rig.send('POST /token', { headers, body });

    expect(answer).toMatchObject({ status: 200, json: { token_type: 'Bearer', scope: 'accounts:admin' } });
    expect(answer.headers['cache-control']).toBe('no-store');
  });

  it('with ids and secrets of any characters, and for a scope', async () => {
    const rig = createAccountsRig();
    rig.secrets.values.set('operator', JSON.stringify({ current: 'a+b:c d%é', previous: '' }));
    const headers = { ...FORM, ...basic('operator', 'a+b:c d%é') };

    const body = formOf({ ...GRANT, scope: 'accounts:admin' });

    expect(await rig.send('POST /token', { headers, body })).toMatchObject({
      status: 200,
      json: { scope: 'accounts:admin' },
    });
  });

  it('no: a refresh token comes as a form as well', async () => {
    const rig = createAccountsRig();
    await rig.addAccount();
    const { json } = await rig.logIn();
    const body = formOf({ grant_type: 'refresh_token', refresh_token: json.refresh_token });

    expect(await rig.send('POST /token', { headers: FORM, body })).toMatchObject({ status: 200 });
  });
});

describe('a client gets no token', () => {
  it.each([
    ['with a wrong secret by HTTP Basic', basic('operator', 'wrong'), {}, 401, 'GRANT_REFUSED'],
    ['with a wrong secret in the form', {}, { client_id: 'operator', client_secret: 'wrong' }, 401, 'GRANT_REFUSED'],
    ['with no credentials', {}, {}, 400, 'CLIENT_AUTHENTICATION_INVALID'],
    ['with an id alone', {}, { client_id: 'operator' }, 400, 'CLIENT_AUTHENTICATION_INVALID'],
    [
      'with secrets in both places',
      basic('operator', SECRET),
      { client_secret: SECRET },
      400,
      'CLIENT_AUTHENTICATION_INVALID',
    ],
    [
      'with the id of another client in the form',
      basic('operator', SECRET),
      { client_id: 'c-1' },
      400,
      'CLIENT_AUTHENTICATION_INVALID',
    ],
    [
      'with a token in place of credentials',
      { authorization: 'Bearer eyJhbGciOiJub25lIn0' },
      { client_id: 'operator', client_secret: SECRET },
      400,
      'CLIENT_AUTHENTICATION_INVALID',
    ],
    ['with Basic that is not base64', { authorization: 'Basic ?' }, {}, 400, 'CLIENT_AUTHENTICATION_INVALID'],
    [
      'with Basic that has no colon',
      { authorization: `Basic ${Buffer.from('operator').toString('base64')}` },
      {},
      400,
      'CLIENT_AUTHENTICATION_INVALID',
    ],
    [
      'with Basic that is not form-encoded',
      { authorization: `Basic ${Buffer.from('operator:%zz').toString('base64')}` },
      {},
      400,
      'CLIENT_AUTHENTICATION_INVALID',
    ],
  ])('%s', async (_, headers, fields, status, code) => {
    const rig = createAccountsRig();

    const answer = await rig.send('POST /token', {
      headers: { ...FORM, ...headers },
      body: formOf({ ...GRANT, ...fields }),
    });

    expect(answer).toMatchObject({ status, json: { code } });
    expect(JSON.stringify(answer.json)).not.toContain(SECRET);
  });

  it('after sixty attempts at its secret by HTTP Basic in a minute', async () => {
    const rig = createAccountsRig();
    const statuses: (number | undefined)[] = [];
    for (let tries = 0; tries < 61; tries++) {
      const { status } = await rig.send('POST /token', {
        headers: { ...FORM, ...basic('operator', `wrong-${tries}`) },
        body: formOf(GRANT),
      });
      statuses.push(status);
    }

    expect(statuses).toStrictEqual([...Array.from({ length: 60 }, () => 401), 429]);
  });
});

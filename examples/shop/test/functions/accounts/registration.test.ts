import { describe, expect, it } from 'vitest';
import { createAccountsRig, PASSWORD } from './accounts-rig.ts';

type Rig = ReturnType<typeof createAccountsRig>;

const ANN = { email: 'ann@example.com', password: PASSWORD, name: 'Ann Archer', language: 'de' };

const request = (rig: Rig, more: object = {}) => rig.post('/registrations', { ...ANN, ...more });

const codeFor = async (rig: Rig, registrationId: string) => (await rig.mailOf(registrationId))?.code ?? 'none';

const confirm = (rig: Rig, registrationId: string, code: string) =>
  rig.send('POST /registrations/{registrationId}/confirmation', { params: { registrationId }, body: { code } });

describe('a registration', () => {
  it('opens an account by the code of its mail, and tells so by events without personal data', async () => {
    const rig = createAccountsRig();
    const { status, json } = await request(rig);
    expect(status).toBe(202);
    expect((await rig.logIn()).status).toBe(401);

    const confirmed = await confirm(rig, json.registrationId, await codeFor(rig, json.registrationId));

    expect(confirmed.status).toBe(201);
    const { accountId } = confirmed.json;
    expect(
      rig
        .bodies()
        .map((body) => JSON.parse(body))
        .map(({ type, data }) => [type, data]),
    ).toStrictEqual([
      ['com.example.account.registration-requested', { registrationId: json.registrationId }],
      ['com.example.account.registered', { accountId }],
      [
        'com.example.account.preferences-changed',
        { accountId, language: 'de', mails: { orders: true, delivery: true, news: false } },
      ],
    ]);
    expect((await rig.logIn()).status).toBe(200);
    expect(rig.bodies().join()).not.toMatch(/ann/i);
  });

  it('answers, works and writes the same for an address that has an account; only the mail tells', async () => {
    const observe = async (rig: Rig) => {
      rig.hashed.length = 0;
      const events = rig.events().length;
      const { status, json } = await request(rig);
      const mail = await rig.mailOf(json.registrationId);
      return {
        status,
        members: Object.keys(json),
        hashes: rig.hashed.length,
        events: rig.events().slice(events),
        mail,
      };
    };
    const known = createAccountsRig();
    await known.addAccount();

    const { mail: toOwner, ...forKnown } = await observe(known);
    const { mail: toNew, ...forNew } = await observe(createAccountsRig());

    expect(forKnown).toStrictEqual(forNew);
    expect(forNew).toStrictEqual({
      status: 202,
      members: ['registrationId'],
      hashes: 1,
      events: ['account.registration-requested'],
    });
    expect(toOwner).toStrictEqual({ email: 'ann@example.com', code: undefined });
    expect(toNew).toStrictEqual({ email: 'ann@example.com', code: expect.stringMatching(/^\d{6}$/) });
  });

  it('of an address that has an account takes no code, and changes nothing', async () => {
    const rig = createAccountsRig();
    await rig.addAccount();
    const { json } = await request(rig, { password: 'what a thief would like' });

    expect(await confirm(rig, json.registrationId, '000000')).toMatchObject({
      status: 400,
      json: { code: 'CODE_REFUSED' },
    });
    expect((await rig.logIn('ann@example.com', 'what a thief would like')).status).toBe(401);
    expect((await rig.logIn()).status).toBe(200);
  });

  it('takes five codes, also if they come at the same time', async () => {
    const rig = createAccountsRig();
    const { json } = await request(rig);
    const right = await codeFor(rig, json.registrationId);
    const wrong = right === '000000' ? '000001' : '000000';

    const answers = await Promise.all(Array.from({ length: 5 }, () => confirm(rig, json.registrationId, wrong)));

    expect(answers.map(({ status }) => status)).toStrictEqual([400, 400, 400, 400, 400]);
    expect((await confirm(rig, json.registrationId, right)).status).toBe(400);
    expect((await rig.logIn()).status).toBe(401);
  });

  it('ends after a day, and with a later one of the same address', async () => {
    const rig = createAccountsRig();
    const first = (await request(rig, { password: 'the first password' })).json.registrationId;
    const code = await codeFor(rig, first);
    const second = (await request(rig)).json.registrationId;

    expect((await confirm(rig, first, code)).status).toBe(400);
    rig.clock.advance(24 * 3_600_000);
    expect((await confirm(rig, second, await codeFor(rig, second))).status).toBe(400);
  });

  it('opens one account if it is confirmed twice at the same time', async () => {
    const rig = createAccountsRig();
    const { json } = await request(rig);
    const code = await codeFor(rig, json.registrationId);

    const answers = await Promise.all([1, 2].map(() => confirm(rig, json.registrationId, code)));

    expect(answers.map(({ status }) => status).toSorted()).toStrictEqual([201, 400]);
    expect(rig.events().filter((type) => type === 'account.registered')).toHaveLength(1);
  });

  it('leaves one wanted account, if one address registers several times at the same moment', async () => {
    const rig = createAccountsRig();

    await Promise.all([1, 2, 3].map(() => request(rig)));

    const registrations = rig.items().filter(({ kind }) => kind?.S === 'registration');
    expect(registrations).toHaveLength(1);
  });

  it('is limited by address of the mail and of the caller', async () => {
    const rig = createAccountsRig();
    for (let count = 0; count < 5; count++) expect((await request(rig)).status).toBe(202);

    expect(await request(rig)).toMatchObject({ status: 429, headers: { 'retry-after': '3600' } });
    for (let count = 0; count < 14; count++) await request(rig, { email: `user-${count}@example.com` });
    expect((await request(rig, { email: 'last@example.com' })).status).toBe(429);
  });

  it.each([
    [{ email: 'ann' }, '#/body/email'],
    [{ password: 'short' }, '#/body/password'],
    [{ name: '' }, '#/body/name'],
    [{ language: 'English' }, '#/body/language'],
  ])('is refused with %j', async (wrong, pointer) => {
    const { status, json } = await request(createAccountsRig(), wrong);

    expect(status).toBe(400);
    expect(json.errors).toMatchObject([{ pointer }]);
    expect(JSON.stringify(json)).not.toContain('ann');
  });

  it('needs a tenant where there are tenants', async () => {
    const rig = createAccountsRig({ mode: 'required' });

    expect(await request(rig)).toMatchObject({ status: 400, json: { code: 'TENANT_UNKNOWN' } });
    expect((await request(rig, { tenant: 'acme' })).status).toBe(202);
    expect(rig.bodies().map((body) => JSON.parse(body).tenantid)).toStrictEqual(['acme']);
  });
});

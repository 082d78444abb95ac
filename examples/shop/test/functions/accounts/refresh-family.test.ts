import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAccountsRig, decodeToken, PASSWORD } from './accounts-rig.ts';

async function loggedIn() {
  const rig = createAccountsRig();
  const accountId = await rig.addAccount();
  const { json } = await rig.logIn();
  return { rig, accountId, first: json.refresh_token as string };
}

describe('a refresh token', () => {
  it('gives an access token and the next refresh token', async () => {
    const { rig, accountId, first } = await loggedIn();

    const { status, json } = await rig.refresh(first);

    expect(status).toBe(200);
    expect(json.refresh_token).not.toBe(first);
    expect(decodeToken(json.access_token).claims).toMatchObject({
      sub: accountId,
      scope: 'orders:read orders:write catalog:read account',
    });
    expect((await rig.refresh(json.refresh_token)).status).toBe(200);
  });

  it('is stored nowhere', async () => {
    const { rig, first } = await loggedIn();
    const { json } = await rig.refresh(first);

    const stored = JSON.stringify(rig.items());

    for (const token of [first, json.refresh_token]) {
      const [, secret = ''] = token.split('.');
      expect(secret.length).toBeGreaterThan(5);
      expect(stored).not.toContain(secret);
    }
  });

  it('gives two refreshes at once the same next token', async () => {
    const { rig, first } = await loggedIn();

    const [one, other] = await Promise.all([
      rig.refresh(first),
      rig.newContainer().send('POST /token', {
        body: { grant_type: 'refresh_token', refresh_token: first },
      }),
    ]);

    expect([one.status, other.status]).toStrictEqual([200, 200]);
    expect(one.json.refresh_token).toBe(other.json.refresh_token);
    expect((await rig.refresh(one.json.refresh_token)).status).toBe(200);
  });

  it('that was the last one is good for a minute, also if the key was rotated meanwhile', async () => {
    const { rig, first } = await loggedIn();
    const next = await rig.refresh(first);
    rig.clock.advance(60_000);
    rig.secrets.values.set('accounts-key', '{"current":"new key","previous":"key"}');

    const again = await rig.newContainer().send('POST /token', {
      body: { grant_type: 'refresh_token', refresh_token: first },
    });

    expect(again.json.refresh_token).toBe(next.json.refresh_token);
  });

  it.each([
    ['after a minute', 1, 60_001],
    ['if another one came in between', 2, 0],
  ])('that was used ends its family %s', async (_, refreshes, laterMs) => {
    const { rig, accountId, first } = await loggedIn();
    let token = first;
    for (let count = 0; count < refreshes; count++) token = (await rig.refresh(token)).json.refresh_token;
    rig.clock.advance(laterMs);

    const reused = await rig.refresh(first);

    expect(reused).toMatchObject({ status: 401, json: { code: 'GRANT_REFUSED' } });
    expect(await rig.refresh(token)).toMatchObject({ status: 401, json: { code: 'GRANT_REFUSED' } });
    expect(JSON.parse(rig.bodies().at(-1) ?? '')).toMatchObject({
      type: 'com.example.account.changed',
      data: { accountId, what: 'token-reused' },
    });
  });

  it('is good for nothing after 30 days', async () => {
    const { rig, first } = await loggedIn();
    rig.clock.advance(30 * 86_400_000);

    expect((await rig.refresh(first)).status).toBe(401);
  });

  it('is good for nothing after a logout, which says nothing about any token', async () => {
    const { rig, first } = await loggedIn();

    for (const token of [first, first, 'f-unknown.secret', 'nonsense', '']) {
      expect((await rig.post('/revocations', { token })).status).toBe(204);
    }

    expect((await rig.refresh(first)).status).toBe(401);
  });

  it('stays good if somebody who knows only its family logs out', async () => {
    const { rig, first } = await loggedIn();

    await rig.post('/revocations', { token: `${first.split('.')[0]}.guess` });

    expect((await rig.refresh(first)).status).toBe(200);
  });

  it('is good for nothing after a change of the password, and so are those of other logins', async () => {
    const { rig, first } = await loggedIn();
    const { json } = await rig.logIn();

    const changed = await rig.post(
      '/account/password',
      { current: PASSWORD, next: 'another horse battery' },
      { token: json.access_token },
    );

    expect(changed.status).toBe(204);
    for (const token of [first, json.refresh_token]) expect((await rig.refresh(token)).status).toBe(401);
    expect((await rig.logIn()).status).toBe(401);
    expect((await rig.logIn('ann@example.com', 'another horse battery')).status).toBe(200);
  });

  it('gives fewer scopes once a role was taken away', async () => {
    const rig = createAccountsRig();
    const accountId = await rig.addAccount('ann@example.com', { roles: ['admin'] });
    const { json } = await rig.logIn();
    await rig.send('PUT /accounts/{accountId}/roles', {
      params: { accountId },
      body: { roles: ['customer'] },
      token: await rig.operator(),
    });

    const refreshed = await rig.refresh(json.refresh_token);

    expect(refreshed.json.scope).toBe('orders:read orders:write catalog:read account');
  });
});

/** What somebody does who has, or has stolen, tokens of the family. */
type Step =
  | { readonly kind: 'refresh'; readonly token: number; readonly crash: 'none' | 'before' | 'after' }
  | { readonly kind: 'race'; readonly token: number; readonly times: number }
  | { readonly kind: 'wait'; readonly ms: number };

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('refresh' as const),
        token: fc.nat(6),
        crash: fc.constantFrom('none', 'none', 'before', 'after'),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('race' as const),
        token: fc.nat(6),
        times: fc.integer({ min: 2, max: 4 }),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1_000, 59_000, 61_000) }),
    },
  ),
  { maxLength: 14 },
);

describe('a family of refresh tokens', () => {
  it('has one live chain at most, whatever is refreshed, reused, raced and lost', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { rig, first } = await loggedIn();
        const { families } = rig;
        /** In the order of the chain: all that was ever given out. */
        const chain = [first];
        const note = (token: string | undefined) => {
          if (token !== undefined && !chain.includes(token)) chain.push(token);
        };
        /** From the newest, as a thief or a stale tab would have them. */
        const tokenAt = (age: number) => chain[Math.max(chain.length - 1 - age, 0)] ?? first;
        for (const step of all) {
          if (step.kind === 'wait') rig.clock.advance(step.ms);
          if (step.kind === 'race') {
            const token = tokenAt(step.token);
            const got = await Promise.all(Array.from({ length: step.times }, () => families.refresh(token)));
            const tokens = got.flatMap((each) => each?.refreshToken ?? []);
            expect(new Set(tokens).size).toBeLessThanOrEqual(1);
            note(tokens[0]);
          }
          if (step.kind === 'refresh') {
            const crashed = new Error('the process has ended');
            rig.faults.commit =
              step.crash === 'none'
                ? undefined
                : async (apply) => {
                    if (step.crash === 'after') await apply();
                    throw crashed;
                  };
            try {
              note((await families.refresh(tokenAt(step.token)))?.refreshToken);
            } catch (error) {
              expect(error).toBe(crashed);
            }
            rig.faults.commit = undefined;
          }
        }
        // everybody tries all that was ever given out, a minute apart, so that no grace is left
        rig.clock.advance(61_000);
        const live = [];
        for (const token of chain.toReversed()) {
          const refreshed = await families.refresh(token);
          if (refreshed !== undefined) live.push(refreshed.refreshToken);
          rig.clock.advance(61_000);
        }
        expect(live.length).toBeLessThanOrEqual(1);
        // the old ones have ended what was left
        const ended = live.map(async (token) => (await families.refresh(token)) === undefined);
        expect(await Promise.all(ended)).toStrictEqual(live.map(() => chain.length > 1));
      }),
      { numRuns: 150 },
    );
  });

  it('ends with a theft: once both the thief and the owner have gone on, neither can', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(3),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 4 }),
        async (before, ofThief, ofOwner) => {
          const { rig, first } = await loggedIn();
          const goOn = async (from: string, times: number) => {
            let token: string | undefined = from;
            for (let count = 0; count < times && token !== undefined; count++) {
              token = (await rig.families.refresh(token))?.refreshToken;
              rig.clock.advance(61_000);
            }
            return token;
          };
          const stolen = (await goOn(first, before)) ?? '';

          const thief = await goOn(stolen, ofThief);
          const owner = await goOn(stolen, ofOwner);

          expect(owner).toBeUndefined();
          expect(await rig.families.refresh(thief ?? '')).toBeUndefined();
        },
      ),
      { numRuns: 50 },
    );
  });
});

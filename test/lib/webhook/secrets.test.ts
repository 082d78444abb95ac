import { describe, expect, it } from 'vitest';
import { OTHER_SECRET, openRig, SECRET, standardHeaders } from './webhook-rig.ts';

let count = 0;
/** A delivery of its own, signed with a secret. */
const signedBy = (secret: string, ageSeconds = 0) => ({
  headers: standardHeaders({ secret, id: `msg-${++count}`, timestamp: 1_795_154_400 + ageSeconds }),
});

describe('the secret of a webhook', () => {
  it('is read once in five minutes', async () => {
    const rig = openRig();

    await rig.send(signedBy(SECRET));
    rig.advance(299);
    await rig.send(signedBy(SECRET, 299));
    expect(rig.reads).toStrictEqual(['webhooks/acme']);

    rig.advance(1);
    await rig.send(signedBy(SECRET, 300));
    expect(rig.reads).toStrictEqual(['webhooks/acme', 'webhooks/acme']);
  });

  it('is not read for a request without a signature of the right form', async () => {
    const rig = openRig();

    await rig.send({});
    await rig.send({ headers: { ...standardHeaders(), 'webhook-signature': 'v1,x' } });

    expect(rig.reads).toStrictEqual([]);
  });

  it('is tried together with the previous one', async () => {
    const rig = openRig();
    rig.secrets.set('webhooks/acme', JSON.stringify({ current: OTHER_SECRET, previous: SECRET }));

    expect((await rig.send(signedBy(SECRET))).status).toBe(204);
    expect((await rig.send(signedBy(OTHER_SECRET))).status).toBe(204);
  });

  it('takes effect at once after a rotation, while forged requests force one reading in 30 seconds', async () => {
    const rig = openRig();
    await rig.send(signedBy(SECRET));
    rig.secrets.set('webhooks/acme', JSON.stringify({ current: OTHER_SECRET, previous: SECRET }));
    rig.advance(30);

    expect((await rig.send(signedBy(OTHER_SECRET, 30))).status).toBe(204);
    expect(rig.reads).toHaveLength(2);

    for (let n = 0; n < 10; n++) await rig.send(signedBy('whsec_Zm9yZ2Vk', 30));
    expect(rig.reads).toHaveLength(2);
    rig.advance(30);
    for (let n = 0; n < 10; n++) await rig.send(signedBy('whsec_Zm9yZ2Vk', 60));
    expect(rig.reads).toHaveLength(3);
  });

  it('is read once for requests at the same time', async () => {
    const rig = openRig();

    const answers = await Promise.all(Array.from({ length: 5 }, () => rig.send(signedBy(SECRET))));

    expect(answers.map(({ status }) => status)).toStrictEqual([204, 204, 204, 204, 204]);
    expect(rig.reads).toStrictEqual(['webhooks/acme']);
  });

  it('of a tenant that comes later is found within 30 seconds', async () => {
    const rig = openRig();

    expect((await rig.send({ ...signedBy(SECRET), tenant: 'initech' })).status).toBe(401);
    rig.secrets.set('webhooks/initech', JSON.stringify({ current: SECRET }));
    rig.advance(30);

    expect((await rig.send({ ...signedBy(SECRET, 30), tenant: 'initech' })).status).toBe(204);
  });

  it.each([
    ['no JSON', 'is no JSON'],
    ['"text"', 'is no JSON object'],
    ['{"previous":"a"}', "has no text 'current'"],
    ['{"current":"","previous":"a"}', "has no text 'current'"],
    ['{"current":"YQ==","previous":7}', "has a 'previous' that is no text"],
    ['{"current":"not base64!"}', "must be base64, with the prefix 'whsec_' or 'whpk_'"],
  ])('%j is answered with 503, and the log says what is wrong without the secret', async (text, problem) => {
    const rig = openRig();
    rig.secrets.set('webhooks/acme', text);

    expect(await rig.answer(signedBy(SECRET))).toStrictEqual({
      statusCode: 503,
      headers: { 'cache-control': 'no-store', 'retry-after': '30', 'x-content-type-options': 'nosniff' },
    });
    expect(rig.lines.join()).toContain(`the secret of the webhook ${problem}: store JSON`);
    expect(rig.lines.join()).not.toContain('not base64!');
    expect(rig.counted).toStrictEqual({ WebhookSecretsUnreadable: 1, WebhooksUnavailable: 1 });
    expect(rig.deliveries()).toStrictEqual([]);
  });

  it('that cannot be read is answered with 503 and read again with the next request', async () => {
    const rig = openRig();
    rig.secrets.set('webhooks/acme', Object.assign(new Error('denied'), { name: 'AccessDeniedException' }));

    expect(await rig.send(signedBy(SECRET))).toMatchObject({ status: 503, reason: 'secret-unreadable' });
    rig.secrets.set('webhooks/acme', JSON.stringify({ current: SECRET }));

    expect((await rig.send(signedBy(SECRET))).status).toBe(204);
  });
});

import { describe, expect, it } from 'vitest';
import { createHttpMailer } from '../../functions/notifications/http-mailer.ts';
import { useExternalServices } from './external-rig.ts';
import { describeMailer, mailOf, signal } from './mailer.ts';
import { realSystem } from './real-system.ts';

const { external, client } = useExternalServices();

/** What is new in the ledger since it was opened. */
function open() {
  const before = external().ledger().mails.length;
  return {
    mailer: createHttpMailer(client('mailer')),
    sent: () =>
      external()
        .ledger()
        .mails.slice(before)
        .map(({ idempotencyKey }) => idempotencyKey),
  };
}

describeMailer('HTTP, against the local mail service', () => open());

const real = realSystem('mailer');
if (real !== undefined) {
  describeMailer(`HTTP, against ${real.url}`, () => ({ mailer: createHttpMailer(real.client()), sent: undefined }));
}

describe('a mail over HTTP', () => {
  it('is sent once if connections are reset after it', async () => {
    const { mailer, sent } = open();
    const mail = mailOf();
    external().disturb('mailer', { kind: 'reset', when: 'after' }, 2);

    await mailer.send(mail, signal);

    expect(sent()).toEqual([mail.idempotencyKey]);
  });

  it('to a customer who has opted out counts as done', async () => {
    const { mailer } = open();
    external().disturb('mailer', { kind: 'odd', body: { messageId: 'msg_1', queueState: 'SUPPRESSED' } });

    await expect(mailer.send(mailOf(), signal)).resolves.toBeUndefined();
  });

  it('rejects an answer with an unknown state', async () => {
    const { mailer } = open();
    external().disturb('mailer', { kind: 'odd', body: { messageId: 'msg_1', queueState: 'LATER' } });

    const sent = mailer.send(mailOf(), signal);

    await expect(sent).rejects.toMatchObject({
      code: 'EXTERNAL_RESPONSE_INVALID',
      mismatches: [expect.objectContaining({ path: 'queueState' })],
    });
  });
});

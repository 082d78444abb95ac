import { describe, expect, it } from 'vitest';
import type { Mail, Mailer } from '../../functions/notifications/mailer.ts';
import { expectEffects, keyOf, type LookUp } from './effects.ts';

export interface MailerUnderTest {
  readonly mailer: Mailer;
  /** Keys of the mails that went out, in their order. */
  sent: LookUp;
}

export const { signal } = new AbortController();

export const mailOf = (more: Partial<Mail> = {}): Mail => ({
  customerId: 'customer-1',
  subject: 'Your order 1001 is on its way',
  text: 'Thank you.',
  idempotencyKey: keyOf('notifications'),
  ...more,
});

export function describeMailer(adapter: string, create: () => MailerUnderTest): void {
  describe(`Mailer contract: ${adapter}`, () => {
    it('sends a mail once per key, however often it is requested', async () => {
      const { mailer, sent } = create();
      const mail = mailOf();

      await mailer.send(mail, signal);
      await mailer.send({ ...mail }, signal);

      expectEffects(sent, [mail.idempotencyKey]);
    });

    it('sends equal mails under two keys twice', async () => {
      const { mailer, sent } = create();

      await mailer.send(mailOf(), signal);
      await mailer.send(mailOf(), signal);

      if (sent !== undefined) expect(sent()).toHaveLength(2);
    });

    it('rejects a key that was used with another text', async () => {
      const { mailer, sent } = create();
      const mail = mailOf();
      await mailer.send(mail, signal);

      const again = mailer.send({ ...mail, text: 'Thank you very much.' }, signal);

      await expect(again).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
      expectEffects(sent, [mail.idempotencyKey]);
    });

    it('sends no mail after the caller has aborted', async () => {
      const { mailer, sent } = create();

      const outcome = mailer.send(mailOf(), AbortSignal.abort());

      await expect(outcome).rejects.toThrow(/./);
      expectEffects(sent, []);
    });
  });
}

import { handlersFor } from 'waybill/consumer';
import type { Mailer } from '../../notifications/mailer.ts';
import type { MailOfRegistration } from '../registration-mails.ts';
import { accountMails } from './subscription.ts';

export interface AccountMailsDeps {
  readonly mailOf: MailOfRegistration;
  readonly mailer: Mailer;
}

export const REGISTRATION_SUBJECT = 'Your account at the shop';

export const createAccountMailsHandlers = ({ mailOf, mailer }: AccountMailsDeps) =>
  handlersFor(accountMails, {
    'com.example.account.registration-requested': async (
      { data: { registrationId } },
      { signal, idempotencyKey, log },
    ) => {
      const mail = await mailOf(registrationId);
      if (mail === undefined) {
        log.info('the registration has ended: no mail', { registration_id: registrationId });
        return;
      }
      const { email, code } = mail;
      const text =
        code === undefined
          ? 'Somebody, probably you, asked for an account with this address. You have one already: just log in.'
          : `Your code is ${code}. It is good for 24 hours. If you did not ask for an account, ignore this mail.`;
      await mailer.send({ customerId: email, subject: REGISTRATION_SUBJECT, text, idempotencyKey }, signal);
      log.info('registration mail sent', { registration_id: registrationId });
    },
  });

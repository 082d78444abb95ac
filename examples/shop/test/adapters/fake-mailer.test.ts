import { createFakeMailer } from '../../functions/notifications/fake-mailer.ts';
import { describeMailer } from './mailer.ts';

describeMailer('fake', () => {
  const mailer = createFakeMailer();
  return { mailer, sent: () => mailer.sent.map(({ idempotencyKey }) => idempotencyKey) };
});

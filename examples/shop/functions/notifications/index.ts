import { consumer, requireEnv } from 'waybill/runtime';
import { addresseeSchema } from './addressee.ts';
import { createNotificationsHandlers } from './handler.ts';
import { customerPreferencesSchema } from './mail-preferences.ts';
import { selectMailer } from './select-mailer.ts';
import { notifications } from './subscription.ts';
import {
  MAIL_PREFERENCES_TABLE,
  MAIL_PREFERENCES_TABLE_NAME,
  NOTIFICATIONS_TABLE,
  NOTIFICATIONS_TABLE_NAME,
} from './table.ts';

const env = requireEnv(process.env, NOTIFICATIONS_TABLE_NAME, MAIL_PREFERENCES_TABLE_NAME);

export const handler = consumer(notifications, (runtime) => {
  const addressees = runtime.table(NOTIFICATIONS_TABLE, env[NOTIFICATIONS_TABLE_NAME], addresseeSchema);
  const preferences = runtime.table(
    MAIL_PREFERENCES_TABLE,
    env[MAIL_PREFERENCES_TABLE_NAME],
    customerPreferencesSchema,
  );
  const mailer = selectMailer(process.env, runtime);

  return createNotificationsHandlers({ addressees, preferences, mailer });
});

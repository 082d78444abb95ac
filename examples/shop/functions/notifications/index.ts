import { consumer, requireEnv } from 'waybill/runtime';
import { addresseeSchema } from './addressee.ts';
import { createNotificationsHandlers } from './handler.ts';
import { selectMailer } from './select-mailer.ts';
import { notifications } from './subscription.ts';
import { NOTIFICATIONS_TABLE, NOTIFICATIONS_TABLE_NAME } from './table.ts';

const { [NOTIFICATIONS_TABLE_NAME]: tableName } = requireEnv(process.env, NOTIFICATIONS_TABLE_NAME);

export const handler = consumer(notifications, (runtime) => {
  const addressees = runtime.table(NOTIFICATIONS_TABLE, tableName, addresseeSchema);
  const mailer = selectMailer(process.env, runtime);

  return createNotificationsHandlers({ addressees, mailer });
});

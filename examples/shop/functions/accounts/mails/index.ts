import { consumer, createSecretsReader, requireEnv } from 'waybill/runtime';
import { selectMailer } from '../../notifications/select-mailer.ts';
import { accountItemSchema } from '../account.ts';
import { createKeyedHash } from '../keyed-hash.ts';
import { createRegistrationMails } from '../registration-mails.ts';
import { ACCOUNTS_KEY_SECRET, ACCOUNTS_TABLE, ACCOUNTS_TABLE_NAME } from '../table.ts';
import { createAccountMailsHandlers } from './handler.ts';
import { accountMails } from './subscription.ts';

const env = requireEnv(process.env, ACCOUNTS_TABLE_NAME, ACCOUNTS_KEY_SECRET);

export const handler = consumer(accountMails, (runtime) => {
  const { clock } = runtime;

  return createAccountMailsHandlers({
    mailOf: createRegistrationMails({
      table: runtime.table(ACCOUNTS_TABLE, env[ACCOUNTS_TABLE_NAME], accountItemSchema),
      keyedHash: createKeyedHash({ reader: createSecretsReader(), clock }, env[ACCOUNTS_KEY_SECRET]),
      clock,
    }),
    mailer: selectMailer(process.env, runtime),
  });
});

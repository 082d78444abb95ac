import { createConsumer, type HandlerContext, handlersFor } from '../../../../lib/consumer/index.ts';
import { createConsumerRuntime } from '../../../../lib/runtime/consumer-runtime.ts';
import { requireEnv } from '../../../../lib/shared/require-env.ts';
import { audit } from './subscription.ts';

const { BANK_TABLE_NAME: tableName } = requireEnv(process.env, 'BANK_TABLE_NAME');

const note = ({ id }: { readonly id: string }, { tx }: HandlerContext) => {
  tx.put({ TableName: tableName, Item: { id: `audited#${id}` } });
};

export const handler = createConsumer(
  handlersFor(audit, { 'com.example.account.deposited': note, 'com.example.account.balance-changed': note }),
  createConsumerRuntime(audit, process.env),
);

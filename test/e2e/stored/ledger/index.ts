import { createConsumer, handlersFor } from '../../../../lib/consumer/index.ts';
import { createConsumerRuntime } from '../../../../lib/runtime/consumer-runtime.ts';
import { requireEnv } from '../../../../lib/shared/require-env.ts';
import { ledger } from './subscription.ts';

const { BANK_TABLE_NAME: tableName } = requireEnv(process.env, 'BANK_TABLE_NAME');

export const handler = createConsumer(
  handlersFor(ledger, {
    'com.example.account.deposited': ({ id }, { tx }) => {
      tx.update({
        TableName: tableName,
        Key: { id: `ledger#${id}` },
        UpdateExpression: 'ADD entries :one',
        ExpressionAttributeValues: { ':one': 1 },
      });
    },
  }),
  createConsumerRuntime(ledger, process.env),
);

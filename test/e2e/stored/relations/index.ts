import { createConsumer, handlersFor } from '../../../../lib/consumer/index.ts';
import { createLinks, LINKS_TABLE, LINKS_TABLE_NAME, parseLinkItem } from '../../../../lib/links/index.ts';
import { createConsumerRuntime } from '../../../../lib/runtime/consumer-runtime.ts';
import { requireEnv } from '../../../../lib/shared/require-env.ts';
import { relations } from './subscription.ts';

const { [LINKS_TABLE_NAME]: tableName } = requireEnv(process.env, LINKS_TABLE_NAME);
const runtime = createConsumerRuntime(relations, process.env);
const links = createLinks({ table: runtime.table(LINKS_TABLE, tableName, parseLinkItem) });

export const handler = createConsumer(
  handlersFor(relations, {
    'com.example.account.deposited': ({ id, data: { accountId, amount } }, { tx }) =>
      links.within(tx).create({
        source: { module: 'bank', type: 'account', id: accountId },
        target: { module: 'bank', type: 'deposit', id },
        type: 'aggregate_root',
        metadata: { amount },
      }),
  }),
  runtime,
);

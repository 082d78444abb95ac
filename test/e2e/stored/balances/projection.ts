import * as z from 'zod';
import type { TableSchema } from '../../../../lib/definitions/index.ts';
import { defineProjection } from '../../../../lib/projection/index.ts';
import { Deposited } from '../../bank/events.ts';

const BALANCES_VIEW = { partitionKey: { name: 'accountId', type: 'S' } } as const satisfies TableSchema;

const balanceSchema = z.object({ accountId: z.string(), total: z.int() });

/** What was paid into each account. */
export const balances = defineProjection({
  name: 'balances',
  events: [Deposited],
  view: BALANCES_VIEW,
  parse: (item) => balanceSchema.parse(item),
  keys: ({ data: { accountId } }) => [{ accountId }],
  on: {
    'com.example.account.deposited': (balance, { data: { accountId, amount } }) => ({
      accountId,
      total: (balance?.total ?? 0) + amount,
    }),
  },
});

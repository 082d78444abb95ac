import * as z from 'zod';
import { defineEvent } from '../../../lib/definitions/index.ts';

/** What the accounts consumer is to do with a deposit. */
export const BEHAVIOURS = ['handle', 'die-once', 'die-after-commit-once', 'fail-until-mended'] as const;

export const Deposited = defineEvent({
  type: 'com.example.account.deposited',
  source: '/bank',
  version: 1,
  schema: z.object({ accountId: z.string(), amount: z.int().positive(), behaviour: z.enum(BEHAVIOURS) }),
  group: (data) => `account#${data.accountId}`,
});

/** Published by the accounts consumer for each deposit. */
export const BalanceChanged = defineEvent({
  type: 'com.example.account.balance-changed',
  source: '/accounts',
  version: 1,
  schema: z.object({ accountId: z.string(), depositId: z.string() }),
  group: (data) => `account#${data.accountId}`,
});

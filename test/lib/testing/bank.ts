import * as z from 'zod';
import { handlersFor, PermanentError } from '../../../lib/consumer/index.ts';
import { defineEvent, defineSubscription, type Ordering, type TableSchema } from '../../../lib/definitions/index.ts';
import type { TenantTable } from '../../../lib/tenancy/index.ts';
import { createHarness } from '../../../lib/testing/index.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';

export const Credited = defineEvent({
  type: 'com.example.account.credited',
  source: '/ledger',
  version: 1,
  schema: z.object({ accountId: z.string(), balance: z.int() }),
  group: (data) => `account#${data.accountId}`,
});

const ACCOUNTS_TABLE = { partitionKey: { name: 'accountId', type: 'S' } } as const satisfies TableSchema;

const accountSchema = z.object({ accountId: z.string(), balance: z.number() });
type Account = z.infer<typeof accountSchema>;

export interface BankOptions {
  readonly tenancy?: 'none' | 'required';
  /** Of the ledger. */
  readonly ordering?: Ordering;
  /** Called before the ledger writes anything. */
  readonly onDeposit?: (amount: number) => void;
}

/** A ledger that adds deposits up, and a statement that counts what was credited. */
export function createBank({ tenancy = 'none', ordering = 'strict', onDeposit }: BankOptions = {}) {
  const bank = createHarness({ tables: { accounts: ACCOUNTS_TABLE, statements: ACCOUNTS_TABLE }, tenancy });
  const accounts = bank.table('accounts', accountSchema.parse);
  const ledger = bank.serve(
    handlersFor(defineSubscription({ name: 'ledger', events: [Deposited], ordering }), {
      'com.example.account.deposited': async ({ data: { accountId, amount } }, { tx }) => {
        onDeposit?.(amount);
        if (amount === 13) throw new PermanentError('thirteen is refused');
        const balance = ((await accounts.get({ accountId }))?.balance ?? 0) + amount;
        accounts.within(tx).put({ Item: { accountId, balance } });
        tx.publish(Credited, { accountId, balance });
      },
    }),
  );
  const statements = bank.table('statements', accountSchema.parse);
  return { bank, accounts, ledger, statements, serveStatements: () => bank.serve(statementsOf(statements)) };
}

const statementsOf = (statements: TenantTable<Account>) =>
  handlersFor(defineSubscription({ name: 'statements', events: [Credited, Audited] }), {
    'com.example.account.credited': ({ data: { accountId, balance } }, { tx }) => {
      statements.within(tx).update({
        Key: { accountId },
        UpdateExpression: 'SET balance = :balance ADD entries :one',
        ExpressionAttributeValues: { ':balance': balance, ':one': 1 },
      });
    },
    'com.example.audit.noted': () => undefined,
  });

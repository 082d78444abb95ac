import * as z from 'zod';
import { defineEvent, type TableSchema } from '../../../lib/definitions/index.ts';
import { defineCounters, defineProjection } from '../../../lib/projection/index.ts';

const group = (data: { readonly accountId: string }): string => `account#${data.accountId}`;

export const Opened = defineEvent({
  type: 'com.example.account.opened',
  source: '/accounts',
  version: 1,
  schema: z.object({ accountId: z.string(), owner: z.string() }),
  group,
});

export const Moved = defineEvent({
  type: 'com.example.account.moved',
  source: '/accounts',
  version: 1,
  schema: z.object({ accountId: z.string(), amount: z.int() }),
  group,
});

export const Closed = defineEvent({
  type: 'com.example.account.closed',
  source: '/accounts',
  version: 1,
  schema: z.object({ accountId: z.string() }),
  group,
});

/** No view takes it. */
export const Viewed = defineEvent({
  type: 'com.example.account.viewed',
  source: '/accounts',
  version: 1,
  schema: z.object({ accountId: z.string() }),
  group,
});

export const ACCOUNTS_VIEW = {
  partitionKey: { name: 'accountId', type: 'S' },
  indexes: [{ name: 'byOwner', partitionKey: { name: 'owner', type: 'S' }, sortKey: { name: 'accountId', type: 'S' } }],
} as const satisfies TableSchema;

const accountSchema = z.object({
  accountId: z.string(),
  owner: z.string().optional(),
  /** Depends on the order of the movements. */
  state: z.int(),
});

export type Account = z.infer<typeof accountSchema>;

/** The item of all accounts: every event of every group counts in it. */
export const ALL = 'all';

const counted = (item: Account | undefined): Account => ({ accountId: ALL, state: (item?.state ?? 0) + 1 });

export const accounts = defineProjection({
  name: 'accounts',
  events: [Opened, Moved, Closed],
  view: ACCOUNTS_VIEW,
  parse: (item) => accountSchema.parse(item),
  keys: ({ data }) => [{ accountId: data.accountId }, { accountId: ALL }],
  on: {
    'com.example.account.opened': (item, { data }, { accountId }) =>
      accountId === ALL ? counted(item) : { ...data, state: 1 },
    'com.example.account.moved': (item, { data }, { accountId }) => {
      if (accountId === ALL) return counted(item);
      return item && { ...item, state: (item.state * 3 + data.amount) % 1_000_003 };
    },
    'com.example.account.closed': (item, _, { accountId }) => (accountId === ALL ? counted(item) : undefined),
  },
});

export const TURNOVER_VIEW = {
  partitionKey: { name: 'currency', type: 'S' },
  sortKey: { name: 'day', type: 'S' },
} as const satisfies TableSchema;

const turnoverSchema = z.object({
  currency: z.string(),
  day: z.string(),
  movements: z.int().default(0),
  amount: z.int().default(0),
});

export const turnover = defineCounters({
  name: 'turnover',
  events: [Moved],
  view: TURNOVER_VIEW,
  parse: (item) => turnoverSchema.parse(item),
  shards: 3,
  on: {
    'com.example.account.moved': ({ data, time }) => [
      { key: { currency: 'GBP', day: time.slice(0, 10) }, amounts: { movements: 1, amount: data.amount } },
    ],
  },
});

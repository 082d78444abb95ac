import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { Viewed, ViewReader } from 'waybill/projection';
import type { Tenancy } from 'waybill/tenancy';
import { readCommand } from '../../command.ts';
import * as z from '../../zod.ts';
import type { DayRevenue } from '../projection.ts';

export interface QueryRevenueDeps {
  readonly revenue: Pick<ViewReader<DayRevenue>, 'sums'>;
  readonly tenancy: Pick<Tenancy, 'runAsTenant'>;
  readonly logger: Logger;
}

/** In whole minor units (pence, cents). */
interface Amounts {
  readonly orders: number;
  readonly captured: number;
  readonly refunded: number;
  /** Captured minus refunded. */
  readonly net: number;
}

export interface Revenue {
  readonly currency: string;
  /** In the order of time; days on which nothing happened are not among them. */
  readonly days: readonly (Amounts & { readonly day: string })[];
  /** Of all these days. */
  readonly total: Amounts;
  /** The latest time of what was added last to each part of it; undefined where there is none. */
  readonly asOf: string | undefined;
}

/** `2026`, `2026-11`, `2026-11-20`: the beginning of a day that there is. */
function isPeriod(text: string): boolean {
  if (!/^\d{4}(-\d{2}(-\d{2})?)?$/.test(text)) return false;
  const firstDay = `${text}-01-01`.slice(0, 'yyyy-mm-dd'.length);
  const instant = new Date(firstDay);
  return !Number.isNaN(instant.getTime()) && instant.toISOString().startsWith(firstDay);
}

const querySchema = z.object({
  currency: z.string().check(z.regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code like GBP')),
  period: z
    .string()
    .check(z.refine(isPeriod, 'must be a year, a month or a day in UTC, like 2026, 2026-11 or 2026-11-20')),
});

/** The revenue of a period, day by day. */
export const createQueryRevenue =
  ({ revenue, tenancy, logger }: QueryRevenueDeps) =>
  async (query: unknown, context: Context): Promise<Revenue> => {
    logger.addContext(context);
    const { tenantId, content } = readCommand('query-revenue', querySchema, query);
    const { currency, period } = content;
    logger.info('revenue queried', { query: content, tenant_id: tenantId });
    const days = await tenancy.runAsTenant(tenantId, () =>
      revenue.sums({ partition: currency, sortBeginsWith: period }),
    );
    return {
      currency,
      days: days.map(({ item }) => ({ day: item.day, ...amountsOf([item]) })),
      total: amountsOf(days.map(({ item }) => item)),
      asOf: latest(days),
    };
  };

function amountsOf(days: readonly DayRevenue[]): Amounts {
  const sum = (amount: 'orders' | 'captured' | 'refunded') => days.reduce((total, day) => total + day[amount], 0);
  const captured = sum('captured');
  const refunded = sum('refunded');
  return { orders: sum('orders'), captured, refunded, net: captured - refunded };
}

const latest = (days: readonly Viewed<DayRevenue>[]): string | undefined =>
  days
    .map(({ asOf }) => asOf)
    .toSorted()
    .at(-1);

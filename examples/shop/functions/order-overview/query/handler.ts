import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { Viewed, ViewReader } from 'waybill/projection';
import type { Tenancy } from 'waybill/tenancy';
import { readCommand } from '../../command.ts';
import * as z from '../../zod.ts';
import { type OrderSummary, SUMMARY_STATUSES } from '../order-summary.ts';
import { ORDER_OVERVIEW_INDEX } from '../table.ts';

export interface QueryOrdersDeps {
  readonly overview: Pick<ViewReader<OrderSummary>, 'get' | 'query'>;
  readonly tenancy: Pick<Tenancy, 'runAsTenant'>;
  readonly logger: Logger;
}

/** An order, with the time of the last event that is in it. */
export type FoundOrder = OrderSummary & { readonly asOf: string };

export interface FoundOrders {
  readonly orders: readonly FoundOrder[];
  /** Pass it as `after` for the next page; undefined at the last one. */
  readonly next: string | undefined;
}

const DEFAULT_PAGE_ORDERS = 25;
const MAX_PAGE_ORDERS = 100;

/** In UTF-8 with room to spare below what the service takes for a key. */
const LONGEST_ID = 500;

const idSchema = z.string().check(z.minLength(1), z.maxLength(LONGEST_ID));

const querySchema = z
  .object({
    orderId: z.optional(idSchema),
    customerId: z.optional(idSchema),
    status: z.optional(z.enum(SUMMARY_STATUSES)),
    limit: z._default(z.int().check(z.minimum(1), z.maximum(MAX_PAGE_ORDERS)), DEFAULT_PAGE_ORDERS),
    /** `next` of the page before. */
    after: z.optional(z.string()),
  })
  .check(
    z.refine(
      ({ orderId, customerId, status }) =>
        [orderId, customerId, status].filter((one) => one !== undefined).length === 1,
      { error: 'give one of orderId, customerId and status' },
    ),
  );

/** Finds one order, or those of a customer or of a status: the newest first, page by page. */
export const createQueryOrders =
  ({ overview, tenancy, logger }: QueryOrdersDeps) =>
  async (query: unknown, context: Context): Promise<FoundOrders> => {
    logger.addContext(context);
    const { tenantId, content } = readCommand('query-orders', querySchema, query);
    const { orderId, customerId, status, limit, after } = content;
    logger.info('orders queried', { query: content, tenant_id: tenantId });
    return tenancy.runAsTenant(tenantId, async () => {
      if (orderId !== undefined) {
        const order = await overview.get({ orderId });
        return { orders: order === undefined ? [] : [show(order)], next: undefined };
      }
      const page = await overview.query({
        ...(customerId === undefined
          ? { indexName: ORDER_OVERVIEW_INDEX.byStatus, partition: status ?? '' }
          : { indexName: ORDER_OVERVIEW_INDEX.byCustomer, partition: customerId }),
        limit,
        newestFirst: true,
        ...(after === undefined ? {} : { after }),
      });
      return { orders: page.items.map(show), next: page.next };
    });
  };

const show = ({ item, asOf }: Viewed<OrderSummary>): FoundOrder => ({ ...item, asOf });

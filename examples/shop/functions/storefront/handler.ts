import { type ApiHandlers, type Principal, readParts } from 'waybill/http';
import type { ViewReader } from 'waybill/projection';
import type { TenantTableReader } from 'waybill/tenancy';
import { CATALOG, type Product, productKey } from '../catalog/product.ts';
import type { OrderSummary } from '../order-overview/order-summary.ts';
import { ORDER_OVERVIEW_INDEX } from '../order-overview/table.ts';
import type { OrderTracking } from '../order-tracking/order-tracking.ts';
import { afterOf, nextOf } from '../pages.ts';
import { maySee } from '../scopes.ts';
import type { storefrontApi } from './routes.ts';

export interface StorefrontDeps {
  readonly overview: Pick<ViewReader<OrderSummary>, 'get' | 'query'>;
  readonly tracking: Pick<ViewReader<OrderTracking>, 'get'>;
  /** What the catalog offers to others: names and prices. */
  readonly products: Pick<TenantTableReader<Product>, 'getBatch' | 'query'>;
}

/** For the slowest part of a page: people do not wait longer for a page that can be shown without it. */
const PAGE_DEADLINE_MS = 1_000;

const HOME_ORDERS = 3;
const HOME_PRODUCTS = 6;

export function createStorefrontHandlers({
  overview,
  tracking,
  products,
}: StorefrontDeps): ApiHandlers<typeof storefrontApi> {
  const newestOf = (customerId: string, page: { readonly limit: number; readonly after?: string }) =>
    overview.query({
      indexName: ORDER_OVERVIEW_INDEX.byCustomer,
      partition: customerId,
      newestFirst: true,
      ...page,
    });

  const trackingFor = async (caller: Principal, orderId: string): Promise<OrderTracking | undefined> => {
    const found = await tracking.get({ orderId });
    return found !== undefined && maySee(caller, found.item.customerId) ? found.item : undefined;
  };

  const withNames = async (lines: OrderTracking['lines']) => {
    const named = await products.getBatch(lines.map(({ sku }) => productKey(sku)));
    return lines.map((line, index) => {
      const name = named[index]?.name;
      return { ...line, ...(name === undefined ? {} : { name }) };
    });
  };

  return {
    async 'GET /orders'({ query, principal }, { problem }) {
      const { customerId = principal.subject, limit } = query;
      if (!maySee(principal, customerId)) throw problem('CUSTOMER_FORBIDDEN', 'leave customerId out');
      const page = await newestOf(customerId, { limit, ...afterOf(query) });
      return { status: 200, body: { orders: page.items.map(({ item }) => item), ...nextOf(page) } };
    },

    async 'GET /orders/{orderId}/payment'({ params, principal }, { problem }) {
      const order = await trackingFor(principal, params.orderId);
      if (order === undefined) throw problem('ORDER_NOT_FOUND');
      if (order.payment === undefined) throw problem('PAYMENT_NOT_FOUND');
      return { status: 200, body: order.payment };
    },

    async 'GET /orders/{orderId}/shipment'({ params, principal }, { problem }) {
      const order = await trackingFor(principal, params.orderId);
      if (order === undefined) throw problem('ORDER_NOT_FOUND');
      if (order.shipment === undefined) throw problem('SHIPMENT_NOT_FOUND');
      return { status: 200, body: order.shipment };
    },

    async 'GET /web/orders/{orderId}'({ params: { orderId }, principal }, { signal, log, problem }) {
      const tracked = trackingFor(principal, orderId);
      const { values, partial } = await readParts(
        {
          order: async () => (await overview.get({ orderId }))?.item,
          payment: async () => (await tracked)?.payment,
          shipment: async () => (await tracked)?.shipment,
          lines: async () => withNames((await tracked)?.lines ?? []),
        },
        { deadlineMs: PAGE_DEADLINE_MS, signal, log, required: ['order'] },
      );
      const { order, payment, shipment, lines } = values;
      if (order === undefined || !maySee(principal, order.customerId)) throw problem('ORDER_NOT_FOUND');
      return {
        status: 200,
        body: {
          order,
          ...(payment === undefined ? {} : { payment }),
          ...(shipment === undefined ? {} : { shipment }),
          ...(lines === undefined ? {} : { lines }),
          partial: [...partial],
        },
      };
    },

    async 'GET /mobile/home'({ principal }, { signal, log }) {
      const { values, partial } = await readParts(
        {
          orders: async () => (await newestOf(principal.subject, { limit: HOME_ORDERS })).items.map(({ item }) => item),
          products: async () => (await products.query({ partition: CATALOG, limit: HOME_PRODUCTS })).items,
        },
        { deadlineMs: PAGE_DEADLINE_MS, signal, log },
      );
      const { orders, products: offered } = values;
      return {
        status: 200,
        body: {
          ...(orders === undefined ? {} : { orders: orders.map(inShort) }),
          ...(offered === undefined ? {} : { products: offered.map(({ sku, name, price }) => ({ sku, name, price })) }),
          partial: [...partial],
        },
      };
    },
  };
}

const inShort = ({ orderId, status, total, placedAt }: OrderSummary) => ({ orderId, status, total, placedAt });

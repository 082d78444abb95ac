import { describe, expect, it } from 'vitest';
import type { OrderSummary } from '../../../functions/order-overview/order-summary.ts';
import type { OrderTracking } from '../../../functions/order-tracking/order-tracking.ts';
import type { StorefrontDeps } from '../../../functions/storefront/handler.ts';
import { createShopApi, customer, gbp, PARTNER } from './shop-api.ts';

const asOf = '2026-11-20T06:00:00.000Z';
const ORDER: OrderSummary = { orderId: 'o-1', customerId: 'jane', status: 'paid', total: gbp(500), placedAt: asOf };
const TRACKED: OrderTracking = {
  orderId: 'o-1',
  customerId: 'jane',
  lines: [
    { sku: 'TEA', quantity: 2 },
    { sku: 'GONE', quantity: 1 },
  ],
  payment: { status: 'captured', amount: gbp(500), changedAt: asOf },
};
const params = { orderId: 'o-1' };
const JANE = customer('jane');

/** Never answers. */
const hangs = () => new Promise<never>(() => undefined);

const viewsOf = (tracking: StorefrontDeps['tracking']['get']): Pick<StorefrontDeps, 'overview' | 'tracking'> => ({
  overview: {
    get: async ({ orderId }) => (orderId === 'o-1' ? { item: ORDER, asOf } : undefined),
    query: async ({ partition }) => ({
      items: partition === 'jane' ? [{ item: ORDER, asOf }] : [],
      next: partition === 'jane' ? 'page-2' : undefined,
    }),
  },
  tracking: { get: tracking },
});

const VIEWS = viewsOf(async () => ({ item: TRACKED, asOf }));

async function createStorefront(views = VIEWS) {
  const api = createShopApi({ views });
  const tea = { claims: PARTNER, params: { sku: 'TEA' }, body: { name: 'Tea', price: gbp(250) } };
  await api.send('PUT /products/{sku}', tea);
  return api;
}

describe('the storefront', () => {
  it("puts an order's page together from several read models", async () => {
    const api = await createStorefront();

    const page = await api.send('GET /web/orders/{orderId}', { claims: JANE, params });

    expect(page).toMatchObject({ status: 200 });
    expect(page.json).toStrictEqual({
      order: ORDER,
      payment: TRACKED.payment,
      lines: [
        { sku: 'TEA', quantity: 2, name: 'Tea' },
        { sku: 'GONE', quantity: 1 },
      ],
      partial: [],
    });
  });

  it.each([
    ['does not answer in time', hangs],
    ['fails', async () => Promise.reject(new Error('the view is being rebuilt'))],
  ])('shows the page without the parts of a read model that %s', async (_, tracking) => {
    const api = await createStorefront(viewsOf(tracking));

    const page = await api.send('GET /web/orders/{orderId}', { claims: JANE, params });

    expect(page).toMatchObject({ status: 200 });
    expect(page.json).toStrictEqual({ order: ORDER, partial: ['payment', 'shipment', 'lines'] });
  });

  it('shows a telephone the newest orders, and what there is to buy', async () => {
    const api = await createStorefront();

    const home = await api.send('GET /mobile/home', { claims: JANE });

    expect(home.json).toStrictEqual({
      orders: [{ orderId: 'o-1', status: 'paid', total: gbp(500), placedAt: asOf }],
      products: [{ sku: 'TEA', name: 'Tea', price: gbp(250) }],
      partial: [],
    });
  });

  it('lists the orders of the caller, and those of others for partners', async () => {
    const api = await createStorefront();
    const list = (claims: Readonly<Record<string, string>>, query = '') => api.send('GET /orders', { claims, query });

    expect((await list(JANE)).json).toStrictEqual({ orders: [ORDER], next: 'page-2' });
    expect((await list(customer('john'))).json).toStrictEqual({ orders: [] });
    expect((await list(PARTNER, 'customerId=jane')).json).toMatchObject({ orders: [{ orderId: 'o-1' }] });
    expect(await list(customer('john'), 'customerId=jane')).toMatchObject({ status: 403 });
  });

  it.each(['GET /web/orders/{orderId}', 'GET /orders/{orderId}/payment', 'GET /orders/{orderId}/shipment'])(
    'shows nothing of an order to another customer: %s',
    async (route) => {
      const api = await createStorefront();

      const answer = await api.send(route, { claims: customer('john'), params });

      expect(answer).toMatchObject({ status: 404, json: { code: 'ORDER_NOT_FOUND' } });
    },
  );

  it('says what became of the payment, and that there is no shipment yet', async () => {
    const api = await createStorefront();

    const payment = await api.send('GET /orders/{orderId}/payment', { claims: JANE, params });
    const shipment = await api.send('GET /orders/{orderId}/shipment', { claims: JANE, params });

    expect(payment).toMatchObject({ status: 200, json: TRACKED.payment });
    expect(shipment).toMatchObject({ status: 404, json: { code: 'SHIPMENT_NOT_FOUND' } });
  });
});

import { describe, expect, it } from 'vitest';
import { createShopApi, customer, gbp, PARTNER } from './shop-api.ts';

const put = (sku: string, body: object, headers: Readonly<Record<string, string>> = {}) => ({
  claims: PARTNER,
  params: { sku },
  body,
  headers,
});

describe('the catalog over HTTP', () => {
  it('takes a product, and shows it with its version', async () => {
    const api = createShopApi();

    expect((await api.send('PUT /products/{sku}', put('BANK CHARGES', { name: 'Fee', price: null }))).status).toBe(204);

    const shown = await api.send('GET /products/{sku}', { claims: customer('jane'), params: { sku: 'BANK CHARGES' } });
    expect(shown).toMatchObject({
      status: 200,
      headers: { etag: '"1"' },
      json: { sku: 'BANK CHARGES', name: 'Fee', price: null, version: 1 },
    });
    expect(api.events()).toMatchObject([{ type: 'com.example.product.changed' }]);
  });

  it('changes a product only for who has seen it as it is', async () => {
    const api = createShopApi();
    const send = (price: number, headers?: Readonly<Record<string, string>>) =>
      api.send('PUT /products/{sku}', put('TEA', { name: 'Tea', price: gbp(price) }, headers));
    await send(250);

    expect(await send(250)).toMatchObject({ status: 204 });
    expect(await send(260)).toMatchObject({ status: 428, json: { code: 'PRODUCT_EXISTS' } });
    expect(await send(260, { 'if-match': '"1"' })).toMatchObject({ status: 204 });
    expect(await send(270, { 'if-match': '"1"' })).toMatchObject({ status: 412 });
    expect(api.items('products')).toMatchObject([{ version: { N: '2' }, price: { M: { minorUnits: { N: '260' } } } }]);
  });

  it('is listed page by page', async () => {
    const api = createShopApi();
    for (const sku of ['A', 'B', 'C']) await api.send('PUT /products/{sku}', put(sku, { name: sku, price: null }));
    const page = (query: string) => api.send('GET /products', { claims: customer('jane'), query });

    const first = await page('limit=2');
    const second = await page(`limit=2&after=${encodeURIComponent(first.json.next)}`);

    expect([first, second].map(({ json }) => json.products.map(({ sku }: { sku: string }) => sku))).toStrictEqual([
      ['A', 'B'],
      ['C'],
    ]);
    expect(second.json).not.toHaveProperty('next');
    expect(await page('limit=1000')).toMatchObject({ status: 400, json: { code: 'REQUEST_INVALID' } });
  });

  it('refuses a SKU that no group of events can hold', async () => {
    const answer = await createShopApi().send('PUT /products/{sku}', put('Tee süß', { name: 'Tea', price: null }));

    expect(answer).toMatchObject({ status: 400, json: { errors: [{ pointer: '#/params/sku' }] } });
  });

  it('is not changed, nor is stock taken in, by customers', async () => {
    const api = createShopApi();

    const product = { ...put('TEA', { name: 'Tea', price: gbp(1) }), claims: customer('jane') };
    const receipt = { claims: customer('jane'), params: { receiptId: 'r' }, body: { sku: 'TEA', quantity: 1 } };

    expect(await api.send('PUT /products/{sku}', product)).toMatchObject({ status: 403 });
    expect(await api.send('PUT /receipts/{receiptId}', receipt)).toMatchObject({ status: 403 });
    expect([...api.items('products'), ...api.items('receipts')]).toStrictEqual([]);
  });
});

describe('PUT /receipts/{receiptId}', () => {
  it('takes goods in once, and refuses others under the same id', async () => {
    const api = createShopApi();
    const send = (quantity: number) =>
      api.send('PUT /receipts/{receiptId}', {
        claims: PARTNER,
        params: { receiptId: 'r-1' },
        body: { sku: 'TEA', quantity },
      });

    expect(await send(5)).toMatchObject({ status: 201, json: { receiptId: 'r-1', sku: 'TEA', quantity: 5 } });
    expect(await send(5)).toMatchObject({ status: 200 });
    expect(await send(6)).toMatchObject({ status: 409, json: { code: 'RECEIVE_STOCK_ID_TAKEN' } });
    expect(api.items('stock')).toMatchObject([{ sku: { S: 'TEA' }, available: { N: '5' } }]);
  });
});

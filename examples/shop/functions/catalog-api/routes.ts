import { defineApi, defineRoute } from 'waybill';
import { ProductChanged } from '../catalog/events.ts';
import { nextPage, pageQuery } from '../pages.ts';
import { SCOPE } from '../scopes.ts';
import * as z from '../zod.ts';

const contentSchema = z.omit(ProductChanged.schema, { sku: true });
const shownSchema = z.extend(ProductChanged.schema, { version: z.int() });

/** Shown to everybody who may see the catalog, prices included. */
const READERS = [SCOPE.readCatalog, SCOPE.writeCatalog] as const;

const listProducts = defineRoute({
  key: 'GET /products',
  summary: 'Lists the products by SKU',
  scopes: READERS,
  query: z.object(pageQuery(100, 25)),
  answers: {
    200: {
      description: 'One page of products',
      schema: z.object({ products: z.array(shownSchema), ...nextPage }),
    },
  },
});

const productBySku = defineRoute({
  key: 'GET /products/{sku}',
  summary: 'Shows a product',
  scopes: READERS,
  answers: { 200: { description: 'The product', schema: shownSchema } },
  problems: { PRODUCT_NOT_FOUND: { status: 404, title: 'There is no such product' } },
});

const changeProduct = defineRoute({
  key: 'PUT /products/{sku}',
  summary: 'Adds a product, or gives it another name or price',
  scopes: [SCOPE.writeCatalog],
  params: z.pick(ProductChanged.schema, { sku: true }),
  body: contentSchema,
  answers: { 204: { description: 'The product is as it was sent' } },
  problems: {
    PRODUCT_EXISTS: {
      status: 428,
      title: 'There is such a product, and it is another one: send If-Match with its ETag',
    },
  },
  throttle: { rateLimit: 500, burstLimit: 1000 },
});

/** What the shop sells. */
export const catalogApi = defineApi({
  name: 'catalog-api',
  title: 'Tea shop',
  version: '1.0.0',
  routes: [listProducts, productBySku, changeProduct],
});

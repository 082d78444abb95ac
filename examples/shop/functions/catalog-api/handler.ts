import { type ApiHandlers, preconditionFailed } from 'waybill/http';
import type { TenantTable } from 'waybill/tenancy';
import { CATALOG, type Product, productKey } from '../catalog/product.ts';
import { changeProduct } from '../change-product/change-product.ts';
import { afterOf, nextOf } from '../pages.ts';
import type { catalogApi } from './routes.ts';

export interface CatalogApiDeps {
  readonly products: TenantTable<Product>;
}

export const createCatalogApiHandlers = ({ products }: CatalogApiDeps): ApiHandlers<typeof catalogApi> => ({
  async 'GET /products'({ query }) {
    const page = await products.query({ partition: CATALOG, limit: query.limit, ...afterOf(query) });
    return { status: 200, body: { products: page.items.map(show), ...nextOf(page) } };
  },

  async 'GET /products/{sku}'({ params }, { problem }) {
    const product = await products.get(productKey(params.sku));
    if (product === undefined) throw problem('PRODUCT_NOT_FOUND');
    return { status: 200, body: show(product), etag: product.version };
  },

  async 'PUT /products/{sku}'({ params, body, ifMatch }, { tx, log, problem }) {
    const outcome = await changeProduct(tx, { ...params, ...body }, products, (before) => {
      if (ifMatch === undefined && before !== undefined) throw problem('PRODUCT_EXISTS');
      if (ifMatch?.matches(before?.version) === false) throw preconditionFailed();
    });
    log.info(`product ${outcome}`, { sku: params.sku });
    return { status: 204 };
  },
});

const show = ({ sku, name, price, version }: Product) => ({ sku, name, price, version });

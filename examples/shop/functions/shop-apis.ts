/** The parts of the shop's API, each served by a function of its own under one address. */
export { catalogApi } from './catalog-api/routes.ts';
export { ordersApi } from './orders-api/routes.ts';
export { stockApi } from './stock-api/routes.ts';
export { storefrontApi } from './storefront/routes.ts';

/** The services of the app: each export is one, and `createApp` adds them all. */
export { addShop } from '../examples/shop/infra/add-shop.ts';

import type { App, AppProps } from 'aws-cdk-lib';
import { createApp } from '../../../infra/create-app.ts';
import { addChangedShop, type ShopChanges } from './add-shop.ts';

/** An app of the hub and the shop alone, whatever other services the project has. */
export const createShopApp = ({
  consumers,
  extendShop,
  ...props
}: Pick<AppProps, 'context' | 'outdir'> & ShopChanges = {}): App =>
  createApp({
    ...props,
    services: [
      (app, service) =>
        addChangedShop(app, service, {
          ...(consumers === undefined ? {} : { consumers }),
          ...(extendShop === undefined ? {} : { extendShop }),
        }),
    ],
  });

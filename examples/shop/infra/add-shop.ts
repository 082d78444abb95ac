import type { App } from 'aws-cdk-lib';
import type { ServiceProps } from '../../../infra/create-app.ts';
import { AccountsStack } from './accounts-stack.ts';
import type { ShopConsumer } from './consumers.ts';
import type { ShopProps } from './shop-props.ts';
import { selectShopSettings } from './shop-settings.ts';
import { ShopStack } from './shop-stack.ts';

export interface ShopChanges {
  /** The consumers that follow what happens in the shop. @default - the shop's own */
  readonly consumers?: readonly ShopConsumer[];
  /** Adds constructs to the shop's stack, after its own. @default - none */
  readonly extendShop?: (stack: ShopStack, props: ShopProps) => void;
}

/**
 * Adds the reference shop to an app; `shop:<name>` of the context changes its settings.
 * @throws SettingsError `SETTINGS_INVALID` for an unknown setting of the shop, or a value that is not allowed
 */
export const addShop = (app: App, props: ServiceProps): void => addChangedShop(app, props, {});

/** Adds the shop as a later revision has it. */
export function addChangedShop(
  app: App,
  { hub, environmentName }: ServiceProps,
  { consumers, extendShop }: ShopChanges,
): void {
  const shop = { hub, settings: selectShopSettings(environmentName, app.node.getAllContext()) };
  const { accounts } = shop.settings;
  const identity =
    accounts === 'own' ? new AccountsStack(app, `Waybill-${environmentName}-Accounts`, shop).identity : accounts;
  const stack = new ShopStack(app, `Waybill-${environmentName}-Shop`, {
    ...shop,
    identity,
    ...(consumers === undefined ? {} : { consumers }),
  });
  extendShop?.(stack, shop);
}

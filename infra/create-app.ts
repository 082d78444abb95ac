import { App, type AppProps, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { selectEnvironment } from './environments.ts';
import { featureFlags } from './feature-flags.ts';
import { selectShopSettings } from '../examples/shop/infra/shop-settings.ts';
import { HubStack } from './stacks/hub-stack.ts';
import type { Follower } from '../examples/shop/infra/followers.ts';
import type { ShopProps } from '../examples/shop/infra/shop-props.ts';
import { ShopStack } from '../examples/shop/infra/shop-stack.ts';

export interface CreateAppProps extends Pick<AppProps, 'context' | 'outdir'> {
  /** The consumers that follow what happens in the shop. @default - the shop's own */
  readonly followers?: readonly Follower[];
  /** Adds constructs to the shop's stack, after its own. @default - none */
  readonly extendShop?: (stack: ShopStack, props: ShopProps) => void;
}

/**
 * Builds the whole app of one environment: `env`, `setting:<name>` and `shop:<name>` of the context choose it.
 * @throws SettingsError `SETTINGS_INVALID` for an unknown environment or setting, or a value that is not allowed
 */
export function createApp({ followers, extendShop, ...props }: CreateAppProps = {}): App {
  const app = new App({ ...props, context: { ...featureFlags(), ...props.context } });
  const context = app.node.getAllContext();
  const { name, settings } = selectEnvironment(context);
  const shopSettings = selectShopSettings(name, context);
  const { hub } = new HubStack(app, `Waybill-${name}-Hub`, { settings, environmentName: name });
  const shop = { hub, settings: shopSettings };
  const stack = new ShopStack(app, `Waybill-${name}-Shop`, {
    ...shop,
    ...(followers === undefined ? {} : { followers }),
  });
  extendShop?.(stack, shop);
  Tags.of(app).add('waybill:environment', name);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

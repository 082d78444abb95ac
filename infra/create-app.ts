import { App, type AppProps, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { selectEnvironment } from './environments.ts';
import { featureFlags } from './feature-flags.ts';
import { selectShopSettings } from './shop-settings.ts';
import { HubStack } from './stacks/hub-stack.ts';
import { ShopStack } from './stacks/shop-stack.ts';

/**
 * Builds the whole app of one environment: `env`, `setting:<name>` and `shop:<name>` of the context choose it.
 * @throws SettingsError `SETTINGS_INVALID` for an unknown environment or setting, or a value that is not allowed
 */
export function createApp(props: Pick<AppProps, 'context' | 'outdir'> = {}): App {
  const app = new App({ ...props, context: { ...featureFlags(), ...props.context } });
  const context = app.node.getAllContext();
  const { name, settings } = selectEnvironment(context);
  const shop = selectShopSettings(name, context);
  const { hub } = new HubStack(app, `Waybill-${name}-Hub`, { settings, environmentName: name });
  new ShopStack(app, `Waybill-${name}-Shop`, { hub, settings: shop });
  Tags.of(app).add('waybill:environment', name);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

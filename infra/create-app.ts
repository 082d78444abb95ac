import { readFileSync } from 'node:fs';
import { App, type AppProps, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { selectEnvironment } from './environments.ts';
import { projectPath } from './project.ts';
import { HubStack } from './stacks/hub-stack.ts';
import { ShopStack } from './stacks/shop-stack.ts';

/**
 * Builds the whole app of one environment: `env` and `setting:<name>` of the context choose it.
 *
 * cdk.json's feature flags are read here, not only by the CDK CLI, so that a test sees the templates that are deployed.
 *
 * @throws SettingsError `SETTINGS_INVALID` for an unknown environment or setting, or a value that is not allowed
 */
export function createApp(props: Pick<AppProps, 'context' | 'outdir'> = {}): App {
  const app = new App({ ...props, context: { ...featureFlags(), ...props.context } });
  const { name, settings } = selectEnvironment(app.node.getAllContext());
  const { hub } = new HubStack(app, `Waybill-${name}-Hub`, { settings });
  new ShopStack(app, `Waybill-${name}-Shop`, { hub });
  Tags.of(app).add('waybill:environment', name);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

function featureFlags(): Record<string, unknown> {
  const { context }: { readonly context: Record<string, unknown> } = JSON.parse(
    readFileSync(projectPath('cdk.json'), 'utf8'),
  );
  return context;
}

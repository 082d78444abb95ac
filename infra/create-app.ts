import { App, type AppProps, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { EventHub } from './constructs/event-hub.ts';
import { type Environment, selectEnvironment } from './environments.ts';
import { featureFlags } from './feature-flags.ts';
import { isLocalRun } from './local-run.ts';
import { HubStack } from './stacks/hub-stack.ts';

/** What a service of the app is built with. @public services are written against it */
export interface ServiceProps {
  readonly hub: EventHub;
  readonly environmentName: Environment['name'];
}

/** Adds a service to the app: one or several stacks. */
type AddService = (app: App, props: ServiceProps) => void;

export interface CreateAppProps extends Pick<AppProps, 'context' | 'outdir'> {
  readonly services: readonly AddService[];
}

/**
 * Builds the whole app of one environment, which `env` and `setting:<name>` of the context choose: the hub, then each service.
 * @throws SettingsError `SETTINGS_INVALID` for an unknown environment or setting, or a value that is not allowed
 */
export function createApp({ services, ...props }: CreateAppProps): App {
  const app = new App({ ...props, context: { ...featureFlags(), ...props.context } });
  const { name: environmentName, settings } = selectEnvironment(app.node.getAllContext());
  const { hub } = new HubStack(app, `Waybill-${environmentName}-Hub`, { settings, environmentName });
  for (const addService of services) addService(app, { hub, environmentName });
  Tags.of(app).add('waybill:environment', environmentName);
  // they take seconds, and nobody deploys what the local run synthesizes for itself
  if (!isLocalRun(app)) Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

import type { SSMClient } from '@aws-sdk/client-ssm';
import {
  createSsmSettingsStore,
  type Deployment,
  DeploymentUnclearError,
  type SettingsStore,
} from '../lib/operations/index.ts';

/** The settings of an environment that can be tuned. */
export interface OperatedSettings {
  readonly parameterName: string;
  readonly store: SettingsStore;
  /** The values that apply if nothing is tuned. */
  readonly deployed: Pick<Deployment, 'consumers' | 'sweepAfterSeconds' | 'logLevel'>;
}

/** @throws DeploymentUnclearError `DEPLOYMENT_UNCLEAR` */
export function operateSettings(deployment: Deployment, client: SSMClient): OperatedSettings {
  const { settingsParameterName: parameterName, environmentName } = deployment;
  if (parameterName === undefined) {
    throw new DeploymentUnclearError(
      `the functions of environment '${environmentName}' follow no settings parameter: deploy the stacks again with this version`,
    );
  }
  return { parameterName, store: createSsmSettingsStore({ client, parameterName }), deployed: deployment };
}

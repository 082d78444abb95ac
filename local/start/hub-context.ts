import { environmentOfHubParameter, hubContextKey } from '../../lib/definitions/index.ts';
import type { Deployment } from '../template/deployment.ts';

/** The hubs that run, as CDK context for apps that look them up (`EventHub.fromLookup`). */
export const hubContextOf = ({ resources }: Pick<Deployment, 'resources'>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    resources.flatMap(({ type, physicalId, attributes }) => {
      const environment = type === 'AWS::SSM::Parameter' ? environmentOfHubParameter(physicalId) : undefined;
      const description = attributes?.['Value'];
      return environment === undefined || description === undefined ? [] : [[hubContextKey(environment), description]];
    }),
  );

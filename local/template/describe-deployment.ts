import type { DeployedResource, DeployedRole, Deployment, ResourceDetail, RoleDetail } from './deployment.ts';
import type { DeploymentEnvironment } from './pseudo-parameters.ts';

export type StackOutputs = ReadonlyMap<string, string>;

type Described = DeployedResource & { readonly detail: ResourceDetail | undefined };

/** Sorts what was created into the lists that a front end reads. */
export function describeDeployment(
  { accountId, region }: DeploymentEnvironment,
  outputs: ReadonlyMap<string, StackOutputs>,
  described: readonly Described[],
): Deployment {
  const listOf = <K extends ResourceDetail['kind']>(kind: K) =>
    described.flatMap(({ detail, ...resource }) => (isOfKind(detail, kind) ? [{ ...resource, ...detail }] : []));
  const attached = listOf('policy');

  return {
    accountId,
    region,
    outputs,
    resources: described.map(({ detail: _, ...resource }) => resource),
    tables: listOf('table'),
    queues: listOf('queue'),
    buses: listOf('bus'),
    rules: listOf('rule'),
    functions: listOf('function'),
    mappings: listOf('mapping'),
    resourcePolicies: listOf('resource-policy'),
    apis: listOf('api'),
    schedules: listOf('schedule'),
    alarms: listOf('alarm'),
    dashboards: listOf('dashboard'),
    roles: listOf('role').map((role: DeployedResource & RoleDetail): DeployedRole => {
      const policies = attached.filter(
        ({ arn, roleNames }) =>
          roleNames.includes(role.roleName) || (arn !== undefined && role.managedPolicyArns.includes(arn)),
      );
      return {
        ...role,
        policies: [...role.inlinePolicies, ...policies.map(({ name, document }) => ({ name, document }))],
      };
    }),
  };
}

const isOfKind = <K extends ResourceDetail['kind']>(
  detail: ResourceDetail | undefined,
  kind: K,
): detail is Extract<ResourceDetail, { kind: K }> => detail?.kind === kind;

import type { JsonObject } from '../../../local/endpoint/service.ts';
import { evaluate } from '../../../local/iam/evaluate.ts';
import type { GrantUse } from '../../../local/iam/grant-uses.ts';
import { parsePolicy } from '../../../local/iam/parse-policy.ts';
import type { PolicyDocument } from '../../../local/iam/policy.ts';
import type { Deployment } from '../../../local/template/deployment.ts';
import { isObject, toList } from '../../../local/template/json.ts';
import { lessOneGrant } from './less-one-grant.ts';

/** All that one role may do, or all that others may do to one resource. */
export interface GrantHolder {
  /** Where the CDK code makes it. */
  readonly constructPath: string;
  readonly kind: 'identity' | 'resource';
  /** Of the role or of the resource. */
  readonly arns: readonly string[];
  readonly policies: readonly PolicyDocument[];
}

/** One action on one resource, as a statement writes them: the least that can be taken away. */
export interface Grant {
  readonly holder: GrantHolder;
  readonly policyName: string;
  readonly statement: JsonObject;
  readonly action: string;
  readonly resource: string;
}

export function grantHolders(deployment: Deployment): readonly GrantHolder[] {
  const { accountId, region } = deployment;
  const arnOf = (resource: string) =>
    resource.startsWith('http')
      ? `arn:aws:sqs:${region}:${accountId}:${resource.slice(resource.lastIndexOf('/') + 1)}`
      : resource;
  const roles = deployment.roles.map(({ constructPath, arn = '', policies }): GrantHolder => {
    return { constructPath: pathOf(constructPath), kind: 'identity', arns: [arn], policies };
  });
  const resources = deployment.resourcePolicies.map(({ constructPath, resources: named, document }): GrantHolder => {
    const path = pathOf(constructPath);
    return { constructPath: path, kind: 'resource', arns: named.map(arnOf), policies: [{ name: path, document }] };
  });
  return [...roles, ...resources];
}

/** Every Allow of a holder, taken apart. */
export const grantsOf = (holder: GrantHolder): readonly Grant[] =>
  holder.policies.flatMap(({ name, document }) =>
    statementsOf(document)
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap((statement) =>
        toList(statement['Action']).flatMap((action) =>
          toList(statement['Resource']).map((resource) => ({
            holder,
            policyName: name,
            statement,
            action: String(action),
            resource: String(resource),
          })),
        ),
      ),
  );

/** The holder's policies without one grant; the others of its statement stay. */
export function without({ holder, policyName, statement, action, resource }: Grant): readonly PolicyDocument[] {
  return holder.policies.map((policy) => {
    if (policy.name !== policyName) return policy;
    const Statement = statementsOf(policy.document).flatMap((each) => {
      if (each !== statement) return [each];
      return lessOneGrant(each, action, (name) => name === resource);
    });
    return { ...policy, document: { ...policy.document, Statement } };
  });
}

/** What would be refused to a holder with these policies, of all that was allowed in the run. */
export function missedBy(
  holder: GrantHolder,
  policies: readonly PolicyDocument[],
  uses: readonly GrantUse[],
): readonly GrantUse[] {
  const parsed = policies.map((policy) => parsePolicy(policy, holder.kind));
  return uses.filter(({ request }) => {
    const applicable =
      holder.kind === 'identity' ? { identity: parsed, resource: [] } : { identity: [], resource: parsed };
    return concerns(holder, request) && evaluate(request, applicable).kind !== 'allowed';
  });
}

/** Functions act by their role alone and services by the resource's policy alone: nobody has both here. */
function concerns({ kind, arns }: GrantHolder, { principal, resource }: GrantUse['request']): boolean {
  if (kind === 'identity') return principal.kind === 'role' && arns.includes(principal.roleArn);
  return principal.kind === 'service' && arns.includes(resource);
}

const statementsOf = (document: JsonObject): readonly JsonObject[] => toList(document['Statement']).filter(isObject);

const pathOf = (constructPath: string): string => constructPath.replace(/\/Resource$/, '');

import type { DeployedResource, ResourceDetail } from '../template/deployment.ts';
import { awsManagedPolicy, awsManagedPolicyNames } from './aws-managed-policies.ts';
import { PolicyRefusedError } from './errors.ts';
import type { Place } from './needs/need.ts';
import { parsePolicy } from './parse-policy.ts';
import type { Policy } from './policy.ts';

interface Role {
  readonly arn: string;
  readonly roleName: string;
  readonly constructPath: string;
  readonly trust: Policy;
  readonly managedPolicyArns: readonly string[];
  readonly inline: readonly Policy[];
  /** By name in lower case, as conditions look for them. */
  readonly tags: ReadonlyMap<string, string>;
}

interface AttachedPolicy {
  readonly arn: string | undefined;
  readonly roleNames: readonly string[];
  readonly policy: Policy;
}

/** The policies of the deployment, in force from the moment that their resource is created. */
export interface PolicyStore {
  /** @throws PolicyRefusedError for a policy that the run cannot decide by. */
  add(resource: DeployedResource, detail: ResourceDetail | undefined): void;
  /** What the resource says is no longer in force. */
  remove(resource: DeployedResource): void;
  /** Of a role; empty for one that is not in the templates. */
  identityPolicies(roleArn: string): readonly Policy[];
  /** Of the queue, bus, bucket or function that a resource is or belongs to. */
  resourcePolicies(resource: string): readonly Policy[];
  /** Value of a role's tag, whatever case the name is in; undefined where there is none such. */
  tagOf(roleArn: string, name: string): string | undefined;
  /** Undefined for a role that is not in the templates. */
  trustPolicy(roleArn: string): Policy | undefined;
  /** The role that a function runs under; undefined when there is no such function. */
  roleOf(functionName: string): string | undefined;
  /** Log group of a function; undefined when there is no such function. */
  logGroupOf(functionName: string): string | undefined;
  /** Where the CDK code makes what has this ARN or this function name; undefined for what the templates do not make. */
  constructPathOf(arnOrFunctionName: string): string | undefined;
}

export function createPolicyStore(place: Place): PolicyStore {
  const roles = new Map<string, Role>();
  /** By resource: see `keyOf`. */
  const attached = new Map<string, AttachedPolicy>();
  const ofResources = new Map<string, { readonly owners: readonly string[]; readonly policy: Policy }>();
  const functions = new Map<string, { readonly roleArn: string; readonly logGroupName: string }>();
  const constructPaths = new Map<string, string>();
  let byOwner = new Map<string, readonly Policy[]>();
  // every request asks: worked out once per role, until the next policy
  let identityCache = new Map<string, readonly Policy[]>();

  const collect = (roleArn: string): readonly Policy[] => {
    const role = roles.get(roleArn);
    if (role === undefined) return [];
    const policies = [...attached.values()].filter(
      ({ arn, roleNames }) =>
        roleNames.includes(role.roleName) || (arn !== undefined && role.managedPolicyArns.includes(arn)),
    );
    const ofAws = role.managedPolicyArns.flatMap((arn) => awsManagedPolicy(arn) ?? []);
    return [
      ...role.inline,
      ...policies.map(({ policy }) => policy),
      ...ofAws.map((document) => parsePolicy(document, 'identity')),
    ];
  };

  const ownedBy = (owner: string): readonly Policy[] => {
    const known =
      byOwner.get(owner) ??
      [...ofResources.values()].filter(({ owners }) => owners.includes(owner)).map(({ policy }) => policy);
    byOwner.set(owner, known);
    return known;
  };

  return {
    add(resource, detail) {
      const { arn, constructPath } = resource;
      if (arn !== undefined) constructPaths.set(arn, constructPath);
      if (detail?.kind === 'function') {
        functions.set(detail.functionName, detail);
        constructPaths.set(detail.functionName, constructPath);
      }
      if (detail?.kind === 'role') {
        refuseUnknownPolicies(detail.roleName, detail.managedPolicyArns);
        const inline = detail.inlinePolicies.map((document) => parsePolicy(document, 'identity'));
        const trust = parsePolicy({ name: `trust of ${detail.roleName}`, document: detail.trustPolicy }, 'trust');
        const { roleName, managedPolicyArns } = detail;
        const tags = new Map(Object.entries(detail.tags ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
        roles.set(arn ?? '', { arn: arn ?? '', roleName, constructPath, trust, managedPolicyArns, inline, tags });
      }
      if (detail?.kind === 'policy') {
        attached.set(keyOf(resource), { arn, roleNames: detail.roleNames, policy: parsePolicy(detail, 'identity') });
      }
      if (detail?.kind === 'resource-policy') {
        const policy = parsePolicy({ name: constructPath, document: detail.document }, 'resource');
        ofResources.set(keyOf(resource), { owners: detail.resources.map((named) => ownerArn(named, place)), policy });
      }
      identityCache = new Map();
      byOwner = new Map();
    },
    remove(resource) {
      const { arn, physicalId } = resource;
      attached.delete(keyOf(resource));
      ofResources.delete(keyOf(resource));
      if (arn !== undefined) roles.delete(arn);
      if (resource.type === 'AWS::Lambda::Function') functions.delete(physicalId);
      identityCache = new Map();
      byOwner = new Map();
    },
    identityPolicies(roleArn) {
      const known = identityCache.get(roleArn) ?? collect(roleArn);
      identityCache.set(roleArn, known);
      return known;
    },
    resourcePolicies: (resource) => ownedBy(ownerArn(resource, place)),
    tagOf: (roleArn, name) => roles.get(roleArn)?.tags.get(name.toLowerCase()),
    trustPolicy: (roleArn) => roles.get(roleArn)?.trust,
    roleOf: (functionName) => functions.get(functionName)?.roleArn,
    logGroupOf: (functionName) => functions.get(functionName)?.logGroupName,
    constructPathOf: (arnOrFunctionName) => constructPaths.get(arnOrFunctionName)?.replace(/\/Resource$/, ''),
  };
}

/** Two of the same logical id are there while one replaces the other. */
const keyOf = ({ stackName, logicalId, physicalId }: DeployedResource): string =>
  JSON.stringify([stackName, logicalId, physicalId]);

function refuseUnknownPolicies(roleName: string, managedPolicyArns: readonly string[]): void {
  const unknown = managedPolicyArns.filter(
    (arn) => /^arn:[^:]+:iam::aws:policy\//.test(arn) && awsManagedPolicy(arn) === undefined,
  );
  if (unknown.length === 0) return;
  throw new PolicyRefusedError(roleName, [
    `the local run does not know what ${unknown.join(', ')} allows; it knows ${awsManagedPolicyNames().join(', ')}: write the grants out, or use one of these`,
  ]);
}

/** A queue by URL or ARN, the bucket of an object, the function of an alias or version. */
function ownerArn(resource: string, { region, accountId }: Place): string {
  if (/^https?:/.test(resource)) {
    return `arn:aws:sqs:${region}:${accountId}:${resource.slice(resource.lastIndexOf('/') + 1)}`;
  }
  if (resource.startsWith('arn:aws:s3:::')) return resource.replace(/\/.*$/s, '');
  return resource.replace(/^(arn:[^:]+:lambda:[^:]*:[^:]*:function:[^:]+):.*$/, '$1');
}

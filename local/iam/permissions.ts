import type { Caller } from '../endpoint/service.ts';
import type { RunLog } from '../log.ts';
import type { DeployedResource, ResourceDetail } from '../template/deployment.ts';
import { denialMessage, denialOf } from './denials.ts';
import {
  type AccessRequest,
  type ApplicablePolicies,
  type Decision,
  evaluate,
  type StatementReference,
} from './evaluate.ts';
import type { Need, Place } from './needs/need.ts';
import { createPolicyStore } from './policy-store.ts';
import { contextOf, type Principal, principalName, principalOf } from './principal.ts';
import type { RequestContext } from './request-context.ts';

/** A request that was allowed, and why; equal requests are counted together. */
export interface GrantUse {
  /** The first such request, the condition keys of its service kept. */
  readonly request: AccessRequest;
  readonly allowedBy: StatementReference;
  readonly count: number;
}

/** A request that was refused; equal requests are counted together. */
export interface Refusal {
  /** Where the CDK code makes the function or rule that asked; undefined for what the templates do not make. */
  readonly constructPath: string | undefined;
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** As AWS words it. */
  readonly message: string;
  readonly count: number;
}

/** What a test reads after the run. */
export interface PermissionRecords {
  granted(): readonly GrantUse[];
  refusals(): readonly Refusal[];
  /** What decides about a request, to ask again with other policies. */
  policiesFor(request: AccessRequest): ApplicablePolicies;
}

export interface Permissions extends PermissionRecords {
  /** Takes what a created resource says about permissions. @throws PolicyRefusedError */
  learn(resource: DeployedResource, detail: ResourceDetail | undefined): void;
  /** @throws AwsError as the service of the action words it; the run's log then says which grant is missing. */
  authorize(caller: Caller, needs: readonly Need[]): void;
  /** Whether it would be allowed; counts as a use if so, and says nothing if not. */
  allows(caller: Caller, need: Need): boolean;
  /** The caller that a function is; undefined when there is no such function. */
  functionCaller(functionName: string): Caller | undefined;
  logGroupOf(functionName: string): string | undefined;
  /** Undefined for a role that is not in the templates. */
  mayBeAssumedByLambda(roleArn: string): boolean | undefined;
  constructPathOf(arnOrFunctionName: string): string | undefined;
}

export interface PermissionsOptions extends Place {
  readonly log: RunLog;
}

/** IAM for the run: knows the policies of the templates, decides about requests, and remembers what it decided. */
export function createPermissions({ log, ...place }: PermissionsOptions): Permissions {
  const store = createPolicyStore(place);
  const uses = new Map<string, { request: AccessRequest; allowedBy: StatementReference; count: number }>();
  const refusals = new Map<string, Refusal>();
  const principals = new Map<string, { principal: Principal; context: RequestContext }>();

  /** Undefined for the run's own user. */
  const identify = (caller: Caller) => {
    const key = keyOf(caller);
    const known = principals.get(key);
    if (known !== undefined) return known;
    const principal = principalOf(caller);
    if (principal === undefined) return undefined;
    const identified = { principal, context: contextOf(principal, place.region) };
    principals.set(key, identified);
    return identified;
  };

  const policiesFor = ({ principal, resource }: AccessRequest): ApplicablePolicies => ({
    identity: principal.kind === 'role' ? store.identityPolicies(principal.roleArn) : [],
    resource: store.resourcePolicies(resource),
  });

  const decide = (identified: { principal: Principal; context: RequestContext }, need: Need): Decision => {
    const { principal, context } = identified;
    const { action, resource, keys = {} } = need;
    const request: AccessRequest = { principal, action, resource, context: (key) => keys[key]?.() ?? context(key) };
    const decision = evaluate(request, policiesFor(request));
    if (decision.kind === 'allowed') noteUse(request, need, context, decision.by);
    return decision;
  };

  const noteUse = (request: AccessRequest, need: Need, context: RequestContext, allowedBy: StatementReference) => {
    const key = `${principalName(request.principal)} ${request.action} ${request.resource}`;
    const known = uses.get(key);
    if (known !== undefined) {
      known.count++;
      return;
    }
    const kept = new Map(Object.entries(need.keys ?? {}).map(([name, valuesOf]) => [name, valuesOf()]));
    uses.set(key, { request: { ...request, context: (name) => kept.get(name) ?? context(name) }, allowedBy, count: 1 });
  };

  const pathOf = (caller: Caller): string | undefined => {
    if (caller.kind === 'user') return undefined;
    if (caller.kind === 'service') return caller.sourceArn && store.constructPathOf(caller.sourceArn);
    return (caller.sessionName && store.constructPathOf(caller.sessionName)) || store.constructPathOf(caller.roleArn);
  };

  const noteRefusal = (
    caller: Caller,
    principal: Principal,
    need: Need,
    decision: Exclude<Decision, { kind: 'allowed' }>,
  ) => {
    const { action, resource } = need;
    const key = `${principalName(principal)} ${action} ${resource}`;
    const known = refusals.get(key);
    const message = denialMessage(principal, resource, decision, action);
    const constructPath = pathOf(caller);
    refusals.set(key, {
      constructPath,
      principal: principalName(principal),
      action,
      resource,
      message,
      count: (known?.count ?? 0) + 1,
    });
    if (known !== undefined) return;
    const who = constructPath ?? principalName(principal);
    const onWhat = store.constructPathOf(resource) ?? resource;
    log('error', 'iam', `${who} may not ${action} on ${onWhat}: ${reasonOf(caller, decision)}`, { action, resource });
  };

  const reasonOf = (caller: Caller, decision: Exclude<Decision, { kind: 'allowed' }>): string => {
    if (decision.kind === 'explicitly-denied') {
      return `statement ${decision.by.statementIndex} of ${decision.by.policyName} denies it`;
    }
    if (caller.kind === 'service')
      return `the resource's policy has no grant for ${caller.principal}; add it in the CDK code`;
    const isForeign = caller.kind === 'role' && store.trustPolicy(caller.roleArn) === undefined;
    return isForeign
      ? `its role is not in the templates, so that the run knows no policy of it`
      : 'the grant is missing; add it in the CDK code';
  };

  return {
    learn: store.add,
    authorize(caller, needs) {
      const identified = identify(caller);
      if (identified === undefined) return;
      for (const need of needs) {
        const decision = decide(identified, need);
        if (decision.kind === 'allowed') continue;
        noteRefusal(caller, identified.principal, need, decision);
        throw denialOf(need)(
          (action) => denialMessage(identified.principal, need.resource, decision, action),
          need.action,
        );
      }
    },
    allows(caller, need) {
      const identified = identify(caller);
      return identified === undefined || decide(identified, need).kind === 'allowed';
    },
    functionCaller(functionName) {
      const roleArn = store.roleOf(functionName);
      return roleArn === undefined ? undefined : { kind: 'role', roleArn, sessionName: functionName };
    },
    logGroupOf: store.logGroupOf,
    mayBeAssumedByLambda(roleArn) {
      const trust = store.trustPolicy(roleArn);
      if (trust === undefined) return undefined;
      const principal: Principal = { kind: 'service', name: 'lambda.amazonaws.com', sourceArn: undefined };
      const context = contextOf(principal, place.region);
      const request = { principal, action: 'sts:AssumeRole', resource: roleArn, context };
      return evaluate(request, { identity: [], resource: [trust] }).kind === 'allowed';
    },
    constructPathOf: store.constructPathOf,
    granted: () => [...uses.values()],
    refusals: () => [...refusals.values()],
    policiesFor,
  };
}

function keyOf(caller: Caller): string {
  if (caller.kind === 'user') return 'user';
  if (caller.kind === 'service') return `${caller.principal} ${caller.sourceArn}`;
  return `${caller.roleArn} ${caller.sessionName}`;
}

import type { Caller } from '../endpoint/service.ts';
import type { RunLog } from '../log.ts';
import type { DeployedResource, ResourceDetail } from '../template/deployment.ts';
import { type Denied, denialOf } from './denial.ts';
import { type AccessRequest, type ApplicablePolicies, type Decision, evaluate, unmetGrant } from './evaluate.ts';
import { createGrantUses, type GrantUse } from './grant-uses.ts';
import type { Need, Place } from './needs/need.ts';
import { createPolicyStore } from './policy-store.ts';
import { contextOf, type Principal, principalOf } from './principal.ts';
import { createRefusals, type Refusal } from './refusals.ts';
import { PRINCIPAL_TAG_PREFIX, type RequestContext } from './request-context.ts';

/** What can be read after, or during, a run. */
export interface PermissionRecords {
  granted(): readonly GrantUse[];
  refusals(): readonly Refusal[];
  /** Tells of each refusal that is not like one before; the returned function ends that. */
  onRefusal(listener: (refusal: Refusal) => void): () => void;
}

export interface Permissions extends PermissionRecords {
  /** Takes what a created resource says about permissions. @throws PolicyRefusedError */
  learn(resource: DeployedResource, detail: ResourceDetail | undefined): void;
  /** What the resource says is no longer in force. */
  forget(resource: DeployedResource): void;
  /**
   * The run's own user may do whatever no policy of a resource denies.
   * @throws AwsError as the service of the action words it; the run's log then says which grant is missing, which condition of it does not hold, or what denies it.
   */
  authorize(caller: Caller, needs: readonly Need[]): void;
  /** Who a function is when it calls; undefined when the templates make no such function. */
  functionCaller(functionName: string): Caller | undefined;
  /** Undefined when the templates make no such function. */
  logGroupOf(functionName: string): string | undefined;
  /** Undefined for a role that the templates do not make. */
  mayBeAssumedByLambda(roleArn: string): boolean | undefined;
}

export interface PermissionsOptions extends Place {
  readonly log: RunLog;
}

interface Identified {
  readonly principal: Principal;
  readonly context: RequestContext;
}

/** IAM for the run: knows the policies of the templates, decides about requests, and remembers what it decided. */
export function createPermissions({ log, ...place }: PermissionsOptions): Permissions {
  const store = createPolicyStore(place);
  const uses = createGrantUses();
  const refusals = createRefusals(store, log);
  const identities = new Map<string, Identified>();
  /** ARNs of what an update has deleted, and is not there again. */
  const gone = new Set<string>();

  const identify = (caller: Caller): Identified => {
    const key = keyOf(caller);
    const known = identities.get(key);
    if (known !== undefined) return known;
    const principal = principalOf(caller, place.accountId);
    const identified = { principal, context: withTags(principal, contextOf(principal, place.region)) };
    identities.set(key, identified);
    return identified;
  };

  const withTags = (principal: Principal, context: RequestContext): RequestContext => {
    if (principal.kind !== 'role') return context;
    return (key) => {
      if (!key.startsWith(PRINCIPAL_TAG_PREFIX)) return context(key);
      const tag = store.tagOf(principal.roleArn, key.slice(PRINCIPAL_TAG_PREFIX.length));
      return tag === undefined ? undefined : [tag];
    };
  };

  const policiesFor = ({ principal, resource }: AccessRequest): ApplicablePolicies => ({
    identity: principal.kind === 'role' ? store.identityPolicies(principal.roleArn) : [],
    resource: store.resourcePolicies(resource),
  });

  const requestOf = ({ principal, context }: Identified, { action, resource, keys = {} }: Need): AccessRequest => ({
    principal,
    action,
    resource,
    context: (key) => (Object.hasOwn(keys, key) ? keys[key]?.() : context(key)),
  });

  const decide = (identified: Identified, need: Need): Decision => {
    const { principal, context } = identified;
    const request = requestOf(identified, need);
    const decision = evaluate(request, policiesFor(request));
    if (decision.kind === 'allowed' && principal.kind !== 'user') uses.note({ ...request, context }, need, decision.by);
    return decision;
  };

  const noteRefusal = (caller: Caller, identified: Identified, need: Need, denied: Denied): void => {
    const request = requestOf(identified, need);
    const unmet = unmetGrant(request, policiesFor(request));
    refusals.note(caller, identified.principal, need, { denied, unmet });
  };

  /**
   * Whether whoever calls has been deleted: a delivery of a rule, or an execution of a function, that an update has overtaken.
   * Its rights went with it, and no grant is missing.
   */
  const isGone = (caller: Caller): boolean => {
    if (caller.kind === 'service') return caller.sourceArn !== undefined && gone.has(caller.sourceArn);
    if (caller.kind === 'user') return false;
    return gone.has(caller.roleArn) || gone.has(functionArn(caller.sessionName ?? ''));
  };

  const functionArn = (name: string) => `arn:aws:lambda:${place.region}:${place.accountId}:function:${name}`;

  return {
    learn(resource, detail) {
      if (resource.arn !== undefined) gone.delete(resource.arn);
      store.add(resource, detail);
    },
    forget(resource) {
      if (resource.arn !== undefined) gone.add(resource.arn);
      store.remove(resource);
    },
    authorize(caller, needs) {
      const identified = identify(caller);
      for (const need of needs) {
        const decision = decide(identified, need);
        if (decision.kind === 'allowed' || isAdministrators(identified.principal, decision)) continue;
        if (!isGone(caller)) noteRefusal(caller, identified, need, decision);
        throw denialOf(identified.principal, need, decision);
      }
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
    granted: uses.list,
    refusals: refusals.list,
    onRefusal: refusals.onNew,
  };
}

/** What an administrator's own policy allows: everything that is not denied. */
const isAdministrators = (principal: Principal, decision: Decision): boolean =>
  principal.kind === 'user' && decision.kind === 'not-allowed';

function keyOf(caller: Caller): string {
  if (caller.kind === 'user') return 'user';
  if (caller.kind === 'service') return `${caller.principal} ${caller.sourceArn}`;
  return `${caller.roleArn} ${caller.sessionName}`;
}

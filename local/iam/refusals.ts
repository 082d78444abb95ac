import type { Caller } from '../endpoint/service.ts';
import type { RunLog } from '../log.ts';
import { type Denied, denialMessage } from './denial.ts';
import type { UnmetGrant } from './evaluate.ts';
import type { Need } from './needs/need.ts';
import type { PolicyStore } from './policy-store.ts';
import { type Principal, principalName } from './principal.ts';

/** A request that was refused; equal requests are counted together. */
export interface Refusal {
  /** Where the CDK code makes the function or rule that asked; undefined for what the templates do not make. */
  readonly constructPath: string | undefined;
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** As AWS words it. */
  readonly message: string;
  /** As the run's log words it: in the terms of the CDK code. */
  readonly summary: string;
  readonly count: number;
}

/** Why a request was refused. */
interface Grounds {
  readonly denied: Denied;
  /** The allow that comes nearest; undefined where none is about the request. */
  readonly unmet: UnmetGrant | undefined;
}

export interface Refusals {
  note(caller: Caller, principal: Principal, need: Need, grounds: Grounds): void;
  list(): readonly Refusal[];
  /** Tells of each refusal that is not like one before; the returned function ends that. */
  onNew(listener: (refusal: Refusal) => void): () => void;
}

/** Remembers what was refused, and says why in the run's log: once for each. */
export function createRefusals(store: PolicyStore, log: RunLog): Refusals {
  const refusals = new Map<string, Refusal>();
  const listeners = new Set<(refusal: Refusal) => void>();

  const pathOf = (caller: Caller): string | undefined => {
    if (caller.kind === 'user') return undefined;
    const names = caller.kind === 'service' ? [caller.sourceArn] : [caller.sessionName, caller.roleArn];
    return names.flatMap((name) => (name === undefined ? [] : (store.constructPathOf(name) ?? []))).at(0);
  };

  const reasonOf = (caller: Caller, { denied, unmet }: Grounds): string => {
    if (denied.kind === 'explicitly-denied') {
      return `statement ${denied.by.statementIndex} of policy ${denied.by.policyName} denies it`;
    }
    if (unmet !== undefined) {
      const { by, failures } = unmet;
      return `statement ${by.statementIndex} of policy ${by.policyName} grants it on a condition that does not hold: ${failures.join('; ')}; change the request, or the condition in the CDK code`;
    }
    if (caller.kind === 'service') {
      return `the resource's policy has no grant for ${caller.principal}; add it in the CDK code`;
    }
    const isForeign = caller.kind === 'role' && store.trustPolicy(caller.roleArn) === undefined;
    return isForeign
      ? 'the templates do not make its role, so that the run knows no grant of it; make the role in the CDK code'
      : 'the grant is missing; add it in the CDK code';
  };

  return {
    note(caller, principal, need, grounds) {
      const { action, resource } = need;
      const key = `${principalName(principal)} ${action} ${resource}`;
      const known = refusals.get(key);
      if (known !== undefined) {
        refusals.set(key, { ...known, count: known.count + 1 });
        return;
      }
      const constructPath = pathOf(caller);
      const message = denialMessage(principal, need, grounds.denied);
      const who = constructPath ?? principalName(principal);
      const onWhat = store.constructPathOf(resource) ?? resource;
      const summary = `${who} may not ${action} on ${onWhat}: ${reasonOf(caller, grounds)}`;
      const refusal = {
        constructPath,
        principal: principalName(principal),
        action,
        resource,
        message,
        summary,
        count: 1,
      };
      refusals.set(key, refusal);
      log('error', 'iam', summary, { action, resource });
      for (const listener of listeners) listener(refusal);
    },
    list: () => [...refusals.values()],
    onNew(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

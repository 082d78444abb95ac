import type { AccessRequest, StatementReference } from './evaluate.ts';
import type { Need } from './needs/need.ts';
import { principalName } from './principal.ts';

/** A request that was allowed, and why; equal requests are counted together. */
export interface GrantUse {
  /** The first such request, with the values that it had for the condition keys of its service. */
  readonly request: AccessRequest;
  readonly allowedBy: StatementReference;
  readonly count: number;
}

export interface GrantUses {
  note(request: AccessRequest, need: Need, allowedBy: StatementReference): void;
  list(): readonly GrantUse[];
}

export function createGrantUses(): GrantUses {
  const uses = new Map<string, { request: AccessRequest; allowedBy: StatementReference; count: number }>();
  return {
    note(request, need, allowedBy) {
      const key = `${principalName(request.principal)} ${request.action} ${request.resource}`;
      const known = uses.get(key);
      if (known === undefined) uses.set(key, { request: withKeysRead(request, need), allowedBy, count: 1 });
      else known.count++;
    },
    list: () => [...uses.values()].map((use) => ({ ...use })),
  };
}

/** Reads the keys now: the request's input is not to be kept. */
function withKeysRead(request: AccessRequest, { keys = {} }: Need): AccessRequest {
  const values = new Map(Object.entries(keys).map(([name, read]) => [name, read()]));
  const { context } = request;
  // of the context only what every request of the principal has
  return { ...request, context: (key) => (values.has(key) ? values.get(key) : context(key)) };
}

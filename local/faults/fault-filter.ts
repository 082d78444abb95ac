import type { Caller, JsonObject } from '../endpoint/service.ts';
import type { FaultFilter } from './fault-plan.ts';

/** What an opportunity is about, as far as it is known. */
export interface Opportunity {
  readonly operation?: string;
  readonly functionName?: string | undefined;
  readonly resources?: () => readonly string[];
  readonly caller?: Caller['kind'];
}

const DEFAULT_CALLERS = ['role', 'service'] as const;

export function passes(opportunity: Opportunity, filter: FaultFilter = {}): boolean {
  const { operations, functions, resources, callers = DEFAULT_CALLERS } = filter;
  const { operation, functionName = '', caller } = opportunity;
  if (caller !== undefined && !callers.includes(caller)) return false;
  if (operations !== undefined && !operations.includes(operation ?? '')) return false;
  if (functions !== undefined && !functions.some((name) => functionName.includes(name))) return false;
  if (resources === undefined) return true;
  const known = opportunity.resources?.() ?? [];
  return resources.some((name) => known.some((resource) => resource.includes(name)));
}

/** Members that name a resource, wherever in a request they stand. */
const RESOURCE_MEMBERS = new Set(['TableName', 'QueueUrl', 'QueueName', 'EventBusName', 'StreamArn', 'ShardIterator']);

/** The tables, queues, buses and streams that a request names. */
export function resourcesOf(input: JsonObject): readonly string[] {
  const found: string[] = [];
  const look = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    for (const [member, inner] of Object.entries(value)) {
      if (RESOURCE_MEMBERS.has(member) && typeof inner === 'string') found.push(inner);
      else if (member === 'RequestItems' && typeof inner === 'object') found.push(...Object.keys(inner ?? {}));
      else look(inner);
    }
  };
  look(input);
  return found;
}

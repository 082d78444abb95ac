import type { Measures } from './area.ts';

/** What can be measured. Each area's code is `bench/<area>/area.ts`, loaded only in the process that measures it. */
export const AREAS = {
  peers: 'Waybill beside what a team writes itself from the same parts, under load and under faults',
  engines: 'the local engines over the wire, and an idle run',
  relay: 'the relay: PutEvents calls per event, CPU per event',
  consumer: 'a batch of ten groups, beside Powertools and beside one handler',
  path: "events from commit to effect, beside the engines' own ceilings",
  edge: 'requests to an HttpEdge, beside the bare invocation of a function',
  bundles: 'size and import time of every bundle',
  loop: "what a developer waits for: a saved handler's new code, the start of an execution environment",
  memory: 'a consumer over 100,000 events',
  sync: 'records of a sync beside an upsert loop, and a run over 100,000 records that is killed again and again',
  cost: 'API calls and billable units per event by hop, in USD per million events',
  reconcile: 'a pass of the reconciliation over a million events: calls, read units, memory',
  growth: 'cost and throughput from 1,000 to 100,000 events and from 1 to 20 consumers',
} as const;

export type AreaName = keyof typeof AREAS;

export const isAreaName = (name: string): name is AreaName => Object.hasOwn(AREAS, name);

/** Loads the area's code. */
export async function measuresOf(area: AreaName): Promise<Measures> {
  const { measures } = (await import(`./${area}/area.ts`)) as { readonly measures: Measures };
  return measures;
}

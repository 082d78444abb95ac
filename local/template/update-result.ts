import type { LiveResource } from './stack-state.ts';

/** Construct paths, by what became of the resources. */
export interface UpdateResult {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  /** Made anew under another physical name; what referred to the old one refers to the new one. */
  readonly replaced: readonly string[];
  /** Gone, since they were replaced or are out of the template. */
  readonly deleted: readonly string[];
  /** Replaced or out of the template, and kept by their policy; they belong to no stack any more. */
  readonly retained: readonly string[];
  /** What CloudFormation leaves behind with DELETE_FAILED: one line each, with the reason. */
  readonly undeleted: readonly string[];
}

/** The same while it grows. */
export interface Tally {
  readonly created: string[];
  readonly updated: string[];
  readonly replaced: string[];
  readonly deleted: string[];
  readonly retained: string[];
  readonly undeleted: string[];
}

export const emptyTally = (): Tally => ({
  created: [],
  updated: [],
  replaced: [],
  deleted: [],
  retained: [],
  undeleted: [],
});

interface Step {
  readonly kind: 'created' | 'updated' | 'replaced';
  readonly after: LiveResource;
}

export function tallyOf(steps: ReadonlyMap<string, Step>): Tally {
  const tally = emptyTally();
  for (const { kind, after } of steps.values()) tally[kind].push(after.template.constructPath);
  return tally;
}

export function addTally(sum: Tally, more: UpdateResult): void {
  for (const kind of Object.keys(sum) as (keyof Tally)[]) sum[kind].push(...more[kind]);
}

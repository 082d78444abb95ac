import type { Change } from './revisions.ts';

/** A deployment in the middle of a run, as the summary tells of it. */
export interface DeploymentRecord {
  readonly revision: string;
  readonly changes: readonly Change[];
  /** From the first order to its begin, on the machine's clock. */
  readonly afterMs: number;
  readonly tookMs: number;
  /** How many had been placed when it began, and when it was complete. */
  readonly orders: { readonly before: number; readonly after: number };
  /** Construct paths. */
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly replaced: readonly string[];
  readonly deleted: readonly string[];
  /** Events that an operator's tools sent again, since their messages went with a consumer's old queue. */
  readonly resent: number;
  /** Why it failed, and was rolled back; null when it did not. */
  readonly failed: string | null;
}

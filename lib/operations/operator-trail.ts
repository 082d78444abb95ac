import type { EpochMs } from '../shared/time.ts';

/** What an operator did. */
export interface TrailEntry {
  readonly at: EpochMs;
  /** The operator. */
  readonly by: string;
  readonly reason: string;
  /** The command, such as `republish`. */
  readonly what: string;
  /** What it was done to, such as a consumer, a group and an event. */
  readonly to: Readonly<Record<string, string | number>>;
}

/** The audit trail of an environment. */
export interface OperatorTrail {
  /** MUST be durable when it resolves. */
  add(entry: TrailEntry): Promise<void>;
  /** The entries since then, the latest first, page by page. */
  since(instant: EpochMs): AsyncIterable<readonly TrailEntry[]>;
}

import type { Claim } from '../../lib/definitions/index.ts';
import type { FaultPlan } from './fault-kinds.ts';

/** One run of the model: everything that happens in it follows from this. */
export interface Schedule {
  /** Seed of latencies, jitter, and which shard a record is in. */
  readonly timing: number;
  readonly consumers: readonly ConsumerPlan[];
  readonly requests: readonly RequestPlan[];
  readonly operations: readonly OperationPlan[];
  readonly faults: readonly FaultPlan[];
}

export interface ConsumerPlan {
  readonly ordering: 'strict' | 'fifo';
  /** Which of the event types it takes. */
  readonly takes: 'all' | 'some';
  /** `apart`: the queue's group is not the event's, so that events of one group are handled side by side. */
  readonly queueGroups: 'by group' | 'apart';
  /** 0: from the beginning. */
  readonly deployedAtMs: number;
  readonly startFrom: 'deployment' | 'horizon';
  readonly batchSize: number;
  readonly maxReceiveCount: number;
  /** Six times the function's timeout, as it should be, or hardly more than it. */
  readonly visibilityTimeoutSeconds: number;
  /** What of a group waits for a message in flight: what was sent after it, or all. @default behind */
  readonly groupLock?: 'behind' | 'group';
  /** When it claims an event. @default 'commit' */
  readonly claim?: Claim;
  /** When a deployment begins that changes `claim` to the other one. @default - never */
  readonly reclaimedAtMs?: number | undefined;
  /** A deployment that changes which types it takes. @default - none */
  readonly update?: UpdatePlan;
}

interface UpdatePlan {
  /** When the new code begins to be invoked. */
  readonly atMs: number;
  readonly takes: 'all' | 'some';
  /** How much later the rule changes; below 0: that much earlier. */
  readonly ruleAfterMs: number;
}

/** What a service commits in one transaction. */
export interface RequestPlan {
  readonly atMs: number;
  /** `alone`: events without a group; `versioned`: the aggregate gives the sequence. */
  readonly group: 'a' | 'b' | 'versioned' | 'alone';
  readonly events: readonly EventPlan[];
}

export interface EventPlan {
  /** `rare` is taken by consumers of all types only; `twin`, the common type of another source, by nobody. */
  readonly type: 'common' | 'rare' | 'twin';
  readonly temper: Temper;
  /** Whether consumers other than the first suffer from it, too. */
  readonly everywhere: boolean;
}

/**
 * How a handler fares with an event. `defers`: what it calls is away, and says until when; once it is back, the first
 * call may fail. `loses races`: what it has read is changed by another before its commit. `until redriven` and
 * `for good` end with a redrive and an operator's skip.
 */
export type Temper =
  | { readonly kind: 'good' }
  | { readonly kind: 'slow' }
  | { readonly kind: 'publishes' }
  | { readonly kind: 'fails' | 'kills' | 'loses races'; readonly times: number }
  | { readonly kind: 'defers'; readonly times: number; readonly thenFails: boolean }
  | { readonly kind: 'fails' | 'kills' | 'permanent'; readonly times: 'until redriven' | 'for good' };

export interface OperationPlan {
  readonly atMs: number;
  readonly kind: 'redrive' | 'purge' | 'skip' | 'resend' | 'sweep' | 'expire' | 'trim' | 'pause';
  /** Which of the consumers, and which of the groups, counted around. */
  readonly consumer: number;
  readonly group: number;
}

import type { SyncDefinition } from '../definitions/index.ts';
import type { UnitOfWork } from '../outbox/index.ts';
import type { Clock, EpochMs } from '../shared/time.ts';
import type { Change, ChangeOrigin, Fields } from './change.ts';
import type { AppliedKind, ParkReason, Signs } from './decide.ts';
import type { ChangeSource, SyncSink } from './ports.ts';
import type { StoredRecord, SubscriptionKey } from './state.ts';
import type { SyncStore } from './sync-store.ts';

export interface ChangeDeps {
  readonly definition: SyncDefinition;
  readonly store: SyncStore;
  readonly sink: SyncSink<Fields>;
  readonly clock: Clock;
}

/** One change of one record. */
export interface ArrivedChange {
  readonly key: SubscriptionKey;
  readonly source: ChangeSource;
  readonly change: Change;
  readonly origin: ChangeOrigin;
  readonly readAt: EpochMs;
  /** The record as it was read; undefined if there is none. */
  readonly stored: StoredRecord | undefined;
  /** Number of the full read that sees it; undefined outside one. */
  readonly generation: number | undefined;
  /** What a record that is new is taken to be seen by. */
  readonly seenBy: number;
  /** The run that tries it. */
  readonly triedIn: string;
  readonly signal: AbortSignal;
}

export type Outcome = AppliedKind | 'unchanged' | 'echo' | 'stale' | 'parked' | 'undecided';

/** What a change comes to, not yet written. */
export interface Plan {
  /** `undecided`: only the source could tell, and it has no `get`. */
  readonly outcome: Outcome;
  readonly reason: ParkReason | undefined;
  readonly signs: Signs;
  /** Undefined if there is nothing to write. */
  readonly collect: ((tx: UnitOfWork, runId: string) => Promise<void>) | undefined;
  /** The record once it is written. */
  readonly after: StoredRecord | undefined;
}

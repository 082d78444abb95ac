import type { EpochMs } from '../shared/time.ts';
import type { ChangeOrigin, Fields, Version } from './change.ts';
import type { AppliedKind, ParkReason, Shadow } from './decide.ts';
import type { SyncMode, SyncScope, SyncTrigger } from './events.ts';
import type { PageToken, Position } from './ports.ts';
import type { Print } from './prints.ts';

/** A provider's subscription to a sync. It belongs to the tenant that the code runs as. */
export interface SubscriptionKey {
  readonly sync: string;
  readonly provider: string;
}

export interface ScopeKey extends SubscriptionKey {
  readonly scope: SyncScope;
}

/**
 * `running`, then `continued` after a slice or `waiting` while the provider is away. It ends as `succeeded`, as `partial`
 * if records are parked, as `failed`, or as `cancelled`; a `reconcile` can wait as `awaiting-approval`.
 */
export type RunStatus =
  | 'running'
  | 'continued'
  | 'waiting'
  | 'awaiting-approval'
  | 'succeeded'
  | 'partial'
  | 'failed'
  | 'cancelled';

/** Records of a run, settled with each page. A page that is read again after a crash counts its known records as unchanged. */
export interface RunCounts {
  readonly created: number;
  readonly updated: number;
  readonly deleted: number;
  readonly unchanged: number;
  readonly echoes: number;
  readonly stale: number;
  readonly parked: number;
  /** Left for a later run, because they are newer than the provider's time minus the lag. */
  readonly tooFresh: number;
}

export const NO_COUNTS: RunCounts = {
  created: 0,
  updated: 0,
  deleted: 0,
  unchanged: 0,
  echoes: 0,
  stale: 0,
  parked: 0,
  tooFresh: 0,
};

export const addCounts = (counts: RunCounts, added: Partial<RunCounts>): RunCounts => ({
  created: counts.created + (added.created ?? 0),
  updated: counts.updated + (added.updated ?? 0),
  deleted: counts.deleted + (added.deleted ?? 0),
  unchanged: counts.unchanged + (added.unchanged ?? 0),
  echoes: counts.echoes + (added.echoes ?? 0),
  stale: counts.stale + (added.stale ?? 0),
  parked: counts.parked + (added.parked ?? 0),
  tooFresh: counts.tooFresh + (added.tooFresh ?? 0),
});

/** What a run does next. */
export type RunPhase =
  /** Records that were parked before it. */
  | 'parked'
  | 'pages'
  /** Records of this run that wait for others. */
  | 'references'
  /** Records that a finished pass did not see. */
  | 'deletes';

/** A run that is under way. */
export interface ActiveRun {
  readonly runId: string;
  readonly mode: SyncMode;
  readonly trigger: SyncTrigger;
  readonly actor: string | undefined;
  readonly startedAt: EpochMs;
  readonly slice: number;
  readonly phase: RunPhase;
  readonly counts: RunCounts;
  /** RFC 3339; undefined for opaque cursors and full reads. */
  readonly until: string | undefined;
  /** Where the pages of the run go on; of a full read, apart from the increments' position. */
  readonly position: Position | undefined;
  /** Digest of the last page. */
  readonly digest: string | undefined;
  /** Records that a full read has seen. */
  readonly seen: number;
  /** Records that were parked one after the other up to now. */
  readonly parkedInARow: number;
  /** Failures of the source since the last page. */
  readonly failures: number;
  /** Who approved the deletes. */
  readonly approvedBy: string | undefined;
  readonly status: 'running' | 'continued' | 'waiting' | 'awaiting-approval';
}

/** A literal of the provider, with the instant that it stands for. */
export interface TrailEntry {
  readonly value: string;
  readonly id: string;
  readonly at: EpochMs;
}

/** The state of one scope of a subscription. */
export interface ScopeState {
  /** Grows with each write; a write on an older one is refused. 0 before the first. */
  readonly fence: number;
  /** The execution that works on the scope, until then. */
  readonly holder: string | undefined;
  readonly heldUntil: EpochMs;
  /** Where the next increment begins. */
  readonly position: Position | undefined;
  /** Settled literals, oldest first, from which the next increment takes its overlap. */
  readonly trail: readonly TrailEntry[];
  readonly run: ActiveRun | undefined;
  /** A run of another mode, to follow this one. */
  readonly next:
    | { readonly mode: SyncMode; readonly trigger: SyncTrigger; readonly actor: string | undefined }
    | undefined;
  /** Number of the last full read. */
  readonly generation: number;
  /** When the last run that did not fail has ended. */
  readonly lastSuccessAt: EpochMs | undefined;
  /** When the first run has begun. @default - not known */
  readonly since?: EpochMs | undefined;
  /** Runs in a row, up to the last, that failed or left parked records. @default 0 */
  readonly setbacks?: number | undefined;
}

export const NO_STATE: ScopeState = {
  fence: 0,
  holder: undefined,
  heldUntil: 0 as EpochMs,
  position: undefined,
  trail: [],
  run: undefined,
  next: undefined,
  generation: 0,
  lastSuccessAt: undefined,
};

/** A record that waits, with the reason. It is tried first in the next run. */
export interface Parked extends ParkReason {
  readonly at: EpochMs;
  readonly attempts: number;
  /** The run, and its phase if it is the last one, that has tried it last. */
  readonly triedIn: string;
  /** What was refused, if the source cannot be asked for it again. */
  readonly change: string | undefined;
}

/** A provider's record as it is stored. */
export interface StoredRecord {
  readonly externalId: string;
  /** Undefined for a record that was only parked. */
  readonly shadow: Shadow | undefined;
  /** The last row, for providers that send parts of rows. */
  readonly row: string | undefined;
  readonly matchKey: string | undefined;
  readonly parked: Parked | undefined;
  /** Number of the last full read that saw it. */
  readonly seen: number;
  readonly revision: number;
}

/** An entity's records at its providers. */
export interface EntityVoices {
  /** External ids, by provider. */
  readonly records: Readonly<Record<string, string>>;
  readonly speakers: Readonly<Record<string, string>>;
  readonly revision: number;
}

/** A change of ours that is being written to a provider: it is stored before it is sent, so that each attempt sends the same. */
export interface Outgoing {
  readonly kind: 'create' | 'update' | 'delete';
  readonly idempotencyKey: string;
  /** Undefined for `create`. */
  readonly externalId: string | undefined;
  readonly version: Version | undefined;
  /** The entity as it is sent. */
  readonly entity: Fields;
  /** What the provider will have; `at` and `until` are those of the request. */
  readonly print: Print;
  /** Hashes of what the provider may have had when it was decided. */
  readonly bases: readonly string[];
  readonly at: EpochMs;
  readonly revision: number;
}

/** A run, while it is under way and after it. */
export interface RunRecord extends SubscriptionKey {
  readonly runId: string;
  /** `change` for one that was carried by a webhook or a change stream, `outbound` for one of ours that was written to it. */
  readonly mode: SyncMode | 'change' | 'outbound';
  readonly trigger: SyncTrigger | 'stream' | 'outbound';
  readonly actor: string | undefined;
  readonly approvedBy: string | undefined;
  readonly status: RunStatus;
  readonly startedAt: EpochMs;
  readonly endedAt: EpochMs | undefined;
  readonly slice: number;
  readonly counts: RunCounts;
  /** Why it waits, failed or was cancelled. */
  readonly reason: ParkReason | undefined;
}

/** What a run did with a record. Unchanged and older ones are only counted. */
export interface ItemRecord {
  readonly externalId: string;
  readonly localId: string | undefined;
  /** `written`: a change of ours was written to the provider. */
  readonly outcome: AppliedKind | 'echo' | 'parked' | 'written';
  /** Names of the changed fields, without values. */
  readonly changed: readonly string[];
  readonly version: Version | undefined;
  readonly origin: ChangeOrigin;
  readonly reason: ParkReason | undefined;
  readonly at: EpochMs;
}

/** What somebody did with a subscription. */
export interface SyncAction {
  readonly action: SyncMode | 'approve' | 'cancel' | 'skip' | 'retry' | 'stop' | 'start';
  /** The run or the record; undefined for the whole subscription. */
  readonly target: string | undefined;
  readonly by: string;
  readonly reason: string | undefined;
  readonly at: EpochMs;
}

export const isSamePosition = (a: Position | undefined, b: Position | undefined): boolean =>
  a?.value === b?.value && a?.id === b?.id && pageText(a?.page) === pageText(b?.page);

const pageText = (page: PageToken | undefined): string => JSON.stringify(page ?? null);

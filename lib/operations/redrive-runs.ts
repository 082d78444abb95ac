import type { EpochMs } from '../shared/time.ts';
import type { RedriveItem, RedriveRun } from './redrive-run.ts';

/** Who drives a run, and until when nobody else may. */
export interface RunDriver {
  readonly name: string;
  readonly until: EpochMs;
}

/** Somebody wants a run to stop. */
export interface StopRequest {
  readonly by: string;
  readonly reason: string | undefined;
  readonly at: EpochMs;
}

/** A run as it is stored. */
export interface StoredRun {
  readonly run: RedriveRun;
  /** Undefined if nobody drives it. Its time may be over. */
  readonly driver: RunDriver | undefined;
  readonly stopRequest: StopRequest | undefined;
}

/** The runs of a consumer that have not ended. */
export interface ActiveRuns {
  readonly ids: readonly string[];
  /** Differs after each change of `ids`. */
  readonly revision: number;
}

/** The right to drive a run. Each one is greater than those before it, which end with it. */
export interface RunLease {
  readonly runId: string;
  readonly fence: number;
}

/** What a driver changes. */
export interface RunChange {
  readonly run: RedriveRun;
  /** The chunks that have changed, by number. @default - none */
  readonly chunks?: ReadonlyMap<number, readonly RedriveItem[]>;
}

/** Number of events that are stored together. */
export const CHUNK_SIZE = 100;

/** Stores the runs of an environment, and who drives them. */
export interface RedriveRuns {
  active(consumer: string): Promise<ActiveRuns>;
  /**
   * Stores a run that nobody drives yet, with its events in chunks of `CHUNK_SIZE`, and adds it to the active runs.
   * @returns 'conflict' if another run was started, resumed or ended since `active` was read: there is no run then
   */
  create(run: RedriveRun, items: readonly RedriveItem[], active: ActiveRuns): Promise<'created' | 'conflict'>;
  find(id: string): Promise<StoredRun | undefined>;
  /** The latest runs, the latest first. */
  list(most: number): Promise<readonly StoredRun[]>;
  /** The events of a run, in chunks. */
  items(id: string): Promise<readonly (readonly RedriveItem[])[]>;
  /**
   * Takes a run that nobody drives, and drops an earlier request to stop it. MUST be refused as long as the driver before is
   * within its time.
   * @param active the runs that it joins; undefined if it is one of them
   * @returns 'driven' if another driver has it; 'conflict' if the active runs have changed since
   */
  take(
    run: RedriveRun,
    driver: RunDriver,
    now: EpochMs,
    active?: ActiveRuns,
  ): Promise<RunLease | 'driven' | 'conflict'>;
  /**
   * Stores what the driver has changed, and extends its time. MUST change nothing once another driver has taken the run.
   * @returns what somebody wants of the run meanwhile; 'lost' if another driver has it
   */
  save(lease: RunLease, change: RunChange, driver: RunDriver): Promise<Pick<StoredRun, 'stopRequest'> | 'lost'>;
  /** The same at the end: nobody drives the run any more, and it leaves the active runs. */
  end(lease: RunLease, change: RunChange): Promise<'ended' | 'lost'>;
  /** The same for a run that another driver may continue. */
  release(lease: RunLease, change: RunChange): Promise<'released' | 'lost'>;
  /** Asks the driver of a run to stop it. @returns 'ended' if it does not run */
  requestStop(id: string, request: StopRequest): Promise<'requested' | 'ended'>;
}

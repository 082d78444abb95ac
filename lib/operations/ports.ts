import type { FailureReason } from '../consumer/index.ts';
import type { Takes } from '../contracts/index.ts';
import type { EventKey, EventRecord, EventSummary, GuardedWrite } from '../outbox/index.ts';
import type { EpochMs } from '../shared/time.ts';

/** The outbox log as operators read it. MUST see every commit that was completed before the call. */
export interface LogReader {
  find(place: EventKey): Promise<EventRecord | undefined>;
  /** The event of this id in its group; reads the whole group. */
  findById(group: string, id: string): Promise<EventSummary | undefined>;
  /** The group's last event after `after` that `takes` accepts. */
  last(group: string, after: number, takes: Takes): Promise<EventRecord | undefined>;
  /** How many events with `after < sequence <= upTo` are that `takes` accepts. */
  count(group: string, after: number, upTo: number, takes: Takes): Promise<number>;
}

export interface ScanRequest {
  /** Which part of the log, from 0 up to but not including `segments`. */
  readonly segment: number;
  readonly segments: number;
  /** Only the event of this id. @default - all events */
  readonly eventId?: string;
}

export interface ScannedPage {
  readonly events: readonly EventSummary[];
  /** Items that were looked at, heads included. */
  readonly items: number;
  /** What the page cost. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html */
  readonly readUnits: number;
}

/** The whole log, for the rare case in which there is no other way. */
export interface LogScanner {
  /** A part of the log, page by page. The events of a group MUST come one after another, in order. */
  scan(request: ScanRequest): AsyncIterable<ScannedPage>;
}

/** That somebody let a consumer step over an event. */
export interface SkipRecord extends EventKey {
  readonly consumer: string;
  /** Undefined where the log no longer holds the event. */
  readonly eventId: string | undefined;
  readonly eventType: string | undefined;
  readonly by: string;
  readonly reason: string;
  readonly at: EpochMs;
  /** Since when the group had waited for the event, and why. */
  readonly waitedSince: EpochMs;
  readonly failure: FailureReason;
  /** The cursor's: after a replay an event can be skipped once more. */
  readonly generation: number;
}

/** A consumer's skips, kept for good. */
export interface SkipLedger {
  /**
   * Moves the cursor and keeps the record, both or neither.
   * @param move the cursor's change, on condition that nobody else moved it
   * @returns 'conflict' when nothing was written: the cursor has moved, or the tables are busy with it
   */
  commit(move: GuardedWrite, record: SkipRecord): Promise<'committed' | 'conflict'>;
  find(place: EventKey, generation: number): Promise<SkipRecord | undefined>;
}

/** Whether the relay has published an event. */
export type OutboxState =
  | { readonly kind: 'published' }
  /** Its marker is still there. */
  | { readonly kind: 'pending' }
  /** It can never be published as it is. */
  | { readonly kind: 'quarantined'; readonly reason: FailureReason; readonly at: EpochMs };

export interface MarkerReader {
  stateOf(place: EventKey): Promise<OutboxState>;
}

/** About how many messages a queue holds. */
export interface QueueDepth {
  readonly visible: number;
  /** Received and not deleted yet: being handled, or hidden until the next try. */
  readonly inFlight: number;
}

export interface QueueDepths {
  queue(): Promise<QueueDepth>;
  deadLetters(): Promise<QueueDepth>;
}

/** An event that the bus could not put into a consumer's queue. */
export interface UndeliverableMessage {
  readonly messageId: string;
  /** The event as the bus carries it, with its envelope, or without. */
  readonly body: string;
  readonly receiptHandle: string;
  /** The bus's reason, such as `NO_PERMISSIONS`; empty where the message does not say. */
  readonly errorCode: string;
}

export interface UndeliverableQueue {
  /** Some of its messages, which MUST be hidden from later calls; none when there are no others. */
  receive(): Promise<readonly UndeliverableMessage[]>;
  delete(receiptHandle: string): Promise<void>;
  /** Ends that they are hidden. MUST NOT throw: what stays hidden shows by itself. */
  show(receiptHandles: readonly string[]): Promise<void>;
}

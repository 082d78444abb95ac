import type { FailureReason, GroupPause } from '../consumer/index.ts';
import type { Takes } from '../definitions/index.ts';
import type { EventKey, EventRecord, EventSummary, GuardedWrite } from '../outbox/index.ts';
import type { EpochMs, EpochSeconds } from '../shared/time.ts';

/** Reads the outbox log. MUST see every commit that was completed before the call. */
export interface LogReader {
  find(place: EventKey): Promise<EventRecord | undefined>;
  /** The event with this id; reads the whole group. */
  findById(group: string, id: string): Promise<EventSummary | undefined>;
  /** The group's last event after `after` for which `accepts` returns true. */
  last(group: string, after: number, accepts: (event: EventSummary) => boolean): Promise<EventRecord | undefined>;
  /** The number of events with `after < sequence <= upTo` that `takes` accepts. */
  count(group: string, after: number, upTo: number, takes: Takes): Promise<number>;
}

/** Reads many events of the log. */
export interface LoggedEvents {
  /** @returns those that the log has, in any order. MUST see every completed commit. */
  among(places: readonly EventKey[]): Promise<readonly EventRecord[]>;
}

export interface ScanRequest {
  /** Index of the segment, from 0 to `segments` - 1. */
  readonly segment: number;
  readonly segments: number;
  /** Only the event with this id. */
  readonly eventId: string;
}

export interface ScannedPage {
  readonly events: readonly EventSummary[];
  /** Number of scanned items, including heads. */
  readonly items: number;
  /**
   * Read units of the page. @see
   * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
   */
  readonly readUnits: number;
}

/** Scans the whole log. */
export interface LogScanner {
  /** Scans a segment, page by page. The events of a group MUST be adjacent and in order. */
  scan(request: ScanRequest): AsyncIterable<ScannedPage>;
}

/** The indexes of the log. An index holds what was committed a moment ago, and may lack what was committed just now. */
export interface EventIndex {
  /** The place of the event with this id. */
  find(id: string): Promise<EventKey | undefined>;
  /** The events with this correlation id that the log still has, in no order. */
  ofCorrelation(id: string): AsyncIterable<readonly EventRecord[]>;
}

/** An item of the log. */
export type LogItem =
  | ({ readonly kind: 'event' } & EventSummary & Pick<EventRecord, 'expires' | 'previousExpires'>)
  | ({ readonly kind: 'tombstone' } & EventKey & Pick<EventRecord, 'expires' | 'previousExpires'>)
  | {
      /** Of a group; comes before its events. */
      readonly kind: 'head';
      readonly group: string;
      /** The last sequence that the group has used. */
      readonly last: number;
      /** When all events up to it have expired at the latest; undefined if not known. */
      readonly lastExpires: EpochSeconds | undefined;
      /** Whether the sequences are an aggregate's own versions. */
      readonly versioned: boolean;
    };

export interface LogPageRequest {
  /** Index of the segment, from 0 to `segments` - 1. */
  readonly segment: number;
  readonly segments: number;
  /** The `next` of the page before. @default - the first page */
  readonly after?: EventKey | undefined;
}

export interface LogPage {
  readonly items: readonly LogItem[];
  readonly readUnits: number;
  /** Where the next page begins; undefined on the segment's last page. */
  readonly next: EventKey | undefined;
}

/** Walks through the log. */
export interface LogWalker {
  /**
   * One page of a segment. All items of a group MUST be in one segment, adjacent and in order. It MAY be a moment old,
   * and show only a part of a transaction.
   */
  page(request: LogPageRequest): Promise<LogPage>;
}

/** A record of a skipped event. */
export interface SkipRecord extends EventKey {
  readonly consumer: string;
  /** Undefined if the log no longer has the event. */
  readonly eventId: string | undefined;
  readonly eventType: string | undefined;
  readonly by: string;
  readonly reason: string;
  readonly at: EpochMs;
  /** Since when the event blocked the group, and why. */
  readonly waitedSince: EpochMs;
  readonly failure: FailureReason;
  /** Generation of the cursor. After a replay an event can be skipped again. */
  readonly generation: number;
}

/** Stores a consumer's skip records, without expiry. */
export interface SkipLedger {
  /**
   * Moves the cursor and writes the record, both or neither.
   * @param move the cursor's change, conditional on its current position
   * @returns 'conflict' if nothing was written, because the cursor changed or another transaction is in progress
   */
  commit(move: GuardedWrite, record: SkipRecord): Promise<'committed' | 'conflict'>;
  find(place: EventKey, generation: number): Promise<SkipRecord | undefined>;
}

/** A pause that has ended. */
export interface PauseRecord {
  readonly consumer: string;
  /** Undefined if the whole consumer was paused. */
  readonly group: string | undefined;
  readonly since: EpochMs;
  /** Who paused it, and why. */
  readonly by: string;
  readonly reason: string;
  readonly resumedAt: EpochMs;
  readonly resumedBy: string;
}

/** Stores the records of a consumer's pauses, without expiry. */
export interface PauseLedger {
  /**
   * Changes the cursor and writes the record, both or neither.
   * @param change the cursor's change, conditional on its current position
   * @returns 'conflict' if nothing was written, because the cursor changed or another transaction is in progress
   */
  commit(change: GuardedWrite, record: PauseRecord): Promise<'committed' | 'conflict'>;
  /** @param group undefined for a pause of the consumer */
  find(group: string | undefined, since: EpochMs): Promise<PauseRecord | undefined>;
}

/** Stores whether a whole consumer is paused. */
export interface ConsumerPauseStore {
  find(): Promise<GroupPause | undefined>;
  /** Begins a pause unless there is one. @returns the pause that holds now */
  begin(pause: GroupPause): Promise<GroupPause>;
  /** Ends the pause that began at `record.since`, and writes its record, both or neither. Does nothing if it has ended. */
  end(record: PauseRecord): Promise<void>;
}

/** Whether Lambda receives the messages of a consumer's queue. */
export interface ConsumerPolling {
  isEnabled(): Promise<boolean>;
  /** Takes effect within a minute or so. Messages that are already received are still handled. */
  setEnabled(enabled: boolean): Promise<void>;
}

/** Whether the relay has published an event. */
export type OutboxState =
  | { readonly kind: 'published' }
  /** Its pending marker exists. */
  | { readonly kind: 'pending' }
  /** It cannot be published. */
  | { readonly kind: 'quarantined'; readonly reason: FailureReason; readonly at: EpochMs };

export interface MarkerReader {
  stateOf(place: EventKey): Promise<OutboxState>;
  /** @returns one state per place, in their order */
  statesOf(places: readonly EventKey[]): Promise<readonly OutboxState[]>;
}

/** The approximate number of messages in a queue. */
export interface QueueDepth {
  readonly visible: number;
  /** Received and not yet deleted: in progress, or invisible until the next attempt. */
  readonly inFlight: number;
}

export interface QueueDepths {
  queue(): Promise<QueueDepth>;
  deadLetters(): Promise<QueueDepth>;
  /** Of the queue of events that the bus could not deliver. */
  undeliverable(): Promise<QueueDepth>;
}

/** An event that the bus could not deliver to a consumer's queue. */
export interface UndeliverableMessage {
  readonly messageId: string;
  /** The event, with or without the bus's envelope. */
  readonly body: string;
  readonly receiptHandle: string;
  /** The bus's error code, such as `NO_PERMISSIONS`; empty if the message has none. */
  readonly errorCode: string;
}

export interface UndeliverableQueue {
  /** Receives messages, which MUST then be invisible to later calls; none if there are no others. */
  receive(): Promise<readonly UndeliverableMessage[]>;
  delete(receiptHandle: string): Promise<void>;
  /** Makes messages visible again. MUST NOT throw: they also become visible when their visibility timeout ends. */
  show(receiptHandles: readonly string[]): Promise<void>;
}

/** One version of a settings parameter. */
export interface SettingsVersion {
  readonly version: number;
  readonly content: string;
  readonly at: EpochMs;
  /** Who made it and why, as passed to `write`; for a change by other means, the ARN of its caller. */
  readonly by: string;
}

/** The parameter in which operations tune an environment's settings. */
export interface SettingsStore {
  /** Undefined when it does not exist. */
  read(): Promise<Pick<SettingsVersion, 'content' | 'version'> | undefined>;
  /** The versions that are kept, the oldest first. MUST NOT be called when the parameter does not exist. */
  history(): Promise<readonly SettingsVersion[]>;
  /**
   * Creates or replaces the content.
   * @param note who changes what, and why
   * @returns the number of the new version
   */
  write(content: string, note: string): Promise<number>;
}

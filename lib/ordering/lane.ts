import type { CloudEvent, EventTypeKey, Takes } from '../contracts/index.ts';
import type { InboxMemory } from '../inbox/index.ts';
import type { GuardedWrite } from '../outbox/index.ts';
import type { Sleep } from '../shared/backoff.ts';
import type { Clock, EpochMs } from '../shared/time.ts';
import type { ConsumerHistory } from './consumer-history.ts';
import type { Cursor, FailureReason, WaitingFor } from './cursor.ts';
import type { LogHoleError } from './errors.ts';
import type { Limits } from './order-gate.ts';
import type { Unverified } from './past-event.ts';
import type { Bell, CursorStore, EventLog, LogEntry } from './ports.ts';
import type { GonePlaces } from './taken-events.ts';

/** A received message whose body is an event of the group. */
export interface LaneMessage {
  readonly receiptHandle: string;
  readonly receiveCount: number;
  /** The serialized event, as the log has it. */
  readonly body: string;
  readonly event: CloudEvent;
}

/** How an attempt at an event ended. */
export type Attempt =
  /** Its effect and the cursor's move are committed. */
  | { readonly kind: 'handled' }
  /** It had its effect before; nothing was committed now. */
  | { readonly kind: 'duplicate' }
  /** Another execution was first; nothing was written. */
  | { readonly kind: 'overtaken' }
  /** Another execution has it, until then at the latest. */
  | { readonly kind: 'busy'; readonly until: EpochMs }
  | ({ readonly kind: 'failed' } & FailedAttempt);

export interface FailedAttempt {
  readonly reason: FailureReason;
  readonly permanent: boolean;
  /** No try before that can help; 0 where nothing is known. */
  readonly retryAfterSeconds: number;
  /** Nothing speaks against the event: it waits as often as it has to, and MUST NOT become a dead letter for it. */
  readonly deferrable: boolean;
  /** Its own message holds no event, and comes into no lane: it holds its group from now on. @default false */
  readonly isUnreadable?: boolean;
}

export interface LaneDeps {
  readonly cursors: CursorStore;
  readonly log: EventLog;
  readonly bell: Bell;
  readonly clock: Clock;
  /** Between two reads of a hole in the log. */
  readonly sleep: Sleep;
  readonly limits: Limits;
  /** How long the queue hides a message. */
  readonly visibilityTimeoutSeconds: number;
  readonly takes: Takes;
  /** The types that this code takes: before a deployment other code may take other ones. @default - there is no other code */
  readonly subscribed?: readonly EventTypeKey[];
  /** Where to start in a group without a cursor. */
  readonly startInstant: () => Promise<EpochMs>;
  /** Under which settings the consumer has run. @default - always under these: whatever has no cursor was not handled */
  readonly history?: (() => Promise<ConsumerHistory>) | undefined;
  /**
   * Handles an event once, and commits `move` together with its effect.
   * @param body the serialized event: one from the log may be unreadable
   */
  readonly attempt: (body: string, move: GuardedWrite, generation: number) => Promise<Attempt>;
  /** What the inbox still knows of events that the cursor is past. */
  readonly memory: InboxMemory;
  /**
   * Settles a message outside the order of its group: the group neither moves nor waits for it. MUST be safe for an
   * event that is handled elsewhere at the same time.
   */
  readonly settleAlone: (message: LaneMessage, why: Alone) => Promise<'acknowledge' | 'return'>;
  /** How long to wait after the n-th failed receive, and after what it failed with. */
  readonly backoffSeconds: (
    receiveCount: number,
    failed: Pick<FailedAttempt, 'retryAfterSeconds' | 'deferrable'>,
  ) => number;
  /** Whether too little of the invocation is left to begin another event. */
  readonly timeIsShort: () => boolean;
  readonly observer: LaneObserver;
}

/** Why a message has no part in the order of its group. */
export type Alone =
  /** The cursor went past its event, which had no effect; `processed` is where the cursor stands. */
  | { readonly kind: 'late'; readonly generation: number; readonly processed: number }
  /** This code does not take its type, and the group does not wait for it. */
  | { readonly kind: 'unknown' }
  /** The log has another event at its place. */
  | { readonly kind: 'misplaced'; readonly logged: LogEntry };

/** Hears of what a lane does beside handling its messages; MUST NOT throw. */
export interface LaneObserver {
  /** A message's event was dealt with before. @param unverified why only the cursor says so; undefined where the inbox does */
  duplicate(message: LaneMessage, unverified?: Unverified): void;
  /** The group goes on behind an event of a type that this code does not take. */
  released(from: WaitingFor): void;
  /** An event was taken from the log. */
  drained(): void;
  /** A message's event waits behind another. */
  behind(): void;
  /** A commit came too late. */
  overtaken(): void;
  /** The cursor has moved past places without an event. @param seen the last sequence whose message had come before */
  steppedOver(places: GonePlaces, seen: number): void;
  /** The message waits, since the log does not show what comes before its event. */
  missing(message: LaneMessage, hole: LogHoleError): void | Promise<void>;
  /** A message whose receives were used up has a new one in its place. */
  renewed(message: LaneMessage): void;
  /**
   * The group waits for the event from now on, or goes on waiting: `cursor.waitingFor` says why.
   * @param body the serialized event
   */
  failed(body: string, cursor: Cursor): void | Promise<void>;
}

/**
 * What is to become of a message: `acknowledge` deletes it; `return` leaves it in the queue, hidden as long as it
 * should be; `blocked` as well, and nothing of its group can go on now.
 */
export type Settlement = 'acknowledge' | 'return' | 'blocked';

/**
 * Whether an event may be one that ends its process: it comes again, it is its turn, and nobody has seen it fail.
 * `often`: it was marked before it was tried, and that execution ended without a word, too.
 */
export type Suspicion = 'none' | 'once' | 'often';

/** One consumer's work on one group during one invocation. */
export interface GroupLane {
  /** Whether the message's event may end the process, by what is known of the group so far. */
  suspicion(message: LaneMessage): Suspicion;
  /**
   * Settles the group's messages one after another, in the order of the queue.
   * @param behind what the queue gave after it: where this one may end the process, they are noted as seen and
   * acknowledged before it is tried, so that they do not lose their receives with it
   */
  settle(message: LaneMessage, behind?: readonly LaneMessage[]): Promise<Settlement>;
}

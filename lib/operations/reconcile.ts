import type { AccountableSince, Cursor, CursorStore, EventLog, EventOutcomes } from '../consumer/index.ts';
import type { Takes } from '../definitions/index.ts';
import type { EventKey, EventSummary } from '../outbox/index.ts';
import type { Sleep } from '../shared/backoff.ts';
import { addMs, type Clock, type EpochMs } from '../shared/time.ts';
import { confirmGap, endOfGroup, followItem, type LogGap, type OpenGroup } from './log-gaps.ts';
import type { LogItem, LogReader, LogWalker, MarkerReader, QueueDepths } from './ports.ts';
import type { RateLimiter } from './rate-limiter.ts';
import {
  byCursor,
  isOrdered,
  type Judgement,
  judge,
  type Messages,
  type Standing,
  type UnaccountedWhy,
  WAITING_PLACES,
} from './standing.ts';

/** What a consumer's tables say. */
export interface ConsumerReads {
  /** Undefined if `ordering` is 'fifo'. */
  readonly cursors: Pick<CursorStore, 'read'> | undefined;
  readonly outcomes: EventOutcomes;
}

/** A consumer whose events are reconciled. */
export interface ReconciledConsumer {
  readonly name: string;
  readonly takes: Takes;
  /** Eventually consistent, at half the cost: what looks unaccounted is read again. */
  readonly glance: ConsumerReads;
  /** Strongly consistent. */
  readonly certain: ConsumerReads;
  /** Undefined if its queues are no evidence, because they were replaced. */
  readonly depths: QueueDepths | undefined;
  /** How long its queue keeps a message. */
  readonly queueRetentionMs: number;
  readonly accountableSince: () => Promise<AccountableSince>;
  /** From when it is held to account for a type that it has not always taken. @default - from its start */
  readonly takenSince?: ((event: EventSummary) => EpochMs) | undefined;
}

export interface ReconcileDeps {
  readonly walker: LogWalker;
  readonly log: Pick<LogReader, 'find'>;
  /** Reads single places of the log. */
  readonly places: EventLog;
  readonly markers: Pick<MarkerReader, 'statesOf'>;
  readonly consumers: readonly ReconciledConsumer[];
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Limits all reads, in read units per second. */
  readonly readLimiter: RateLimiter;
}

export interface ReconcileOptions {
  /** Younger events count as under way. */
  readonly graceMs: number;
  /**
   * How long to wait before what looks unaccounted is judged again: the counts of a queue may be a minute old.
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-resources-required-process-messages.html
   */
  readonly confirmAfterMs: number;
  /** Whether to also find the events that block groups, and those that fail. @default false */
  readonly waiting?: boolean | undefined;
  /** Whether to also look whether the log is complete. @default true */
  readonly checkLog?: boolean | undefined;
}

/** Something that is not as it must be, or, if it was asked for, an event that waits. */
export interface Finding {
  /**
   * `never-arrived`: published, and the consumer has no trace of it. `message-gone`: it arrived, and no message is left
   * that would lead to it. `cursor-gone`: the consumer has handled it, and its group has no cursor. `waiting`: it blocks
   * its group, or fails. `log-hole` and `head-behind`: the log itself. `event-gone`: a pending marker whose event the log
   * does not have.
   */
  readonly kind: UnaccountedWhy | 'cursor-gone' | 'waiting' | LogGap['kind'] | 'event-gone';
  /** Undefined if it is about the log. */
  readonly consumer: string | undefined;
  readonly group: string;
  /** The first and the last sequence that it is about. */
  readonly from: number;
  readonly to: number;
  /** How many events it is about. */
  readonly events: number;
  /** The event whose message would make the consumer continue; undefined if the log does not have it. */
  readonly event: EventSummary | undefined;
  /** The group's cursor, if it has one. */
  readonly cursor: Cursor | undefined;
}

/** Where a walk through the log stands. */
export interface WalkPosition {
  readonly segment: number;
  readonly segments: number;
  readonly after?: EventKey | undefined;
  readonly open?: OpenGroup | undefined;
}

/** What was read and judged so far. Every number grows. */
export interface ReconcileTally {
  /** Items of the log. */
  readonly items: number;
  /** Of the log and, by their number of keys, of the consumers' tables. */
  readonly readUnits: number;
  readonly groups: number;
  /** Events by their standing, once for each consumer that takes them. */
  readonly standings: Readonly<Record<Standing, number>>;
  /** Confirmed findings, without those that only wait. */
  readonly findings: number;
}

export interface Reconciliation {
  /** Reads and judges a page of the log. @returns the position after it; undefined after the segment's last page */
  step(position: WalkPosition): Promise<WalkPosition | undefined>;
  /** Whether something looks unaccounted and is not confirmed. A position MUST NOT be stored until it is. */
  hasSuspects(): boolean;
  /** Whether there are so many that they should be confirmed now. */
  isFull(): boolean;
  /** Judges again what looked unaccounted, and forgets it. */
  confirm(): Promise<readonly Finding[]>;
  tally(): ReconcileTally;
}

/** What looked unaccounted at the first look: the events of a group of a strict consumer, or one event. */
interface Suspect {
  readonly consumer: ReconciledConsumer;
  readonly first: EventSummary;
  readonly last: EventSummary;
  readonly events: number;
}

/** Some 2 MB. */
const MAX_SUSPECTS = 5_000;

/** How long a queue's depth is believed while a walk goes on. */
const DEPTH_MS = 15_000;

/** Of a key that is read eventually consistent, and of one that is read strongly consistent. */
const GLANCE_UNITS = 0.5;
const CERTAIN_UNITS = 1;

const FAILING: ReadonlySet<Standing> = new Set<Standing>(['retrying', 'deferred', 'dead', 'held']);

const EARLIEST = 0 as EpochMs;

/**
 * Compares each event of the log with each consumer that takes it. The work is a pure function of what is read; memory
 * does not grow with the log.
 */
export function createReconciliation(deps: ReconcileDeps, options: ReconcileOptions): Reconciliation {
  const { walker, markers, consumers, clock, readLimiter } = deps;
  const { checkLog = true } = options;
  const standings = Object.fromEntries(ALL_STANDINGS.map((each) => [each, 0])) as Record<Standing, number>;
  const counts = { items: 0, readUnits: 0, groups: 0, findings: 0 };
  const suspects = new Map<string, Suspect>();
  const waiting = new Map<string, Suspect>();
  const lostCursors = new Map<string, Suspect>();
  let gaps: LogGap[] = [];
  const sinces = new Map<ReconciledConsumer, Promise<AccountableSince>>();
  const depths = createDepthCache(clock);

  const sinceOf = (consumer: ReconciledConsumer): Promise<AccountableSince> => {
    const known = sinces.get(consumer) ?? consumer.accountableSince();
    sinces.set(consumer, known);
    return known;
  };

  const spend = async (units: number): Promise<void> => {
    counts.readUnits += units;
    await readLimiter.spend(units);
  };

  /** The judgement and the cursor of each event, in their order. */
  const judgeAll = async (
    consumer: ReconciledConsumer,
    events: readonly EventSummary[],
    how: 'glance' | 'certain',
  ): Promise<readonly Judged[]> => {
    if (events.length === 0) return [];
    const { cursors, outcomes } = consumer[how];
    const unitsPerKey = how === 'glance' ? GLANCE_UNITS : CERTAIN_UNITS;
    const since = await sinceOf(consumer);
    // before the cursors: a message that is handled meanwhile moves its cursor
    let messages = how === 'certain' ? await depths.of(consumer, how) : undefined;
    const now = clock.now();
    const groups = cursors === undefined ? [] : [...new Set(events.filter(isOrdered).map(({ group }) => group))];
    const known = groups.length === 0 ? undefined : await cursors?.read(groups);
    const cursorOf = (event: EventSummary) => (isOrdered(event) ? known?.get(event.group) : undefined);
    const marked = events.map((event) => ({ event, place: byCursor(event, cursorOf(event)) }));
    const needsMessages = marked.some(({ place }) => place !== 'handled' && place !== 'paused');
    if (needsMessages) messages ??= await depths.of(consumer, how);
    const open = marked.filter(({ place }) =>
      place === undefined ? true : place !== 'handled' && place !== 'paused' && messages?.inQueues !== true,
    );
    const found = await outcomes.of(
      open.map(({ event }) => ({ ...event, generation: cursorOf(event)?.generation ?? 0 })),
    );
    const outcomeOf = new Map(open.map(({ event }, at) => [event, found[at]]));
    const unknown = open.filter(({ event, place }) => place === undefined && outcomeOf.get(event) === undefined);
    const states = unknown.length === 0 ? [] : await markers.statesOf(unknown.map(({ event }) => event));
    const outboxOf = new Map(unknown.map(({ event }, at) => [event, states[at]]));
    await spend((groups.length + open.length) * unitsPerKey + unknown.length);
    return marked.map(({ event, place }) => {
      const cursor = cursorOf(event);
      const outcome = outcomeOf.get(event);
      const inTime = messages && { ...messages, inQueue: messages.inQueue && mayBeQueued(consumer, event, now) };
      const situation = { event, now, youngerThan: addMs(now, -options.graceMs), since };
      const isCursorGone =
        cursors !== undefined &&
        isOrdered(event) &&
        cursor === undefined &&
        outcome?.kind === 'handled' &&
        event.committedAt >= (since.cursors ?? Number.POSITIVE_INFINITY);
      return { event, cursor, isCursorGone, ...judge(situation, place, outcome, outboxOf.get(event), inTime) };
    });
  };

  const judgePage = async (consumer: ReconciledConsumer, events: readonly EventSummary[]): Promise<void> => {
    for (const judged of await judgeAll(consumer, events, 'glance')) {
      const { event, standing } = judged;
      const isSuspect = standing === 'unaccounted';
      if (!isSuspect) standings[standing] += 1;
      if (isSuspect) suspect(suspects, consumer, event);
      else if (judged.isCursorGone) suspect(lostCursors, consumer, event);
      else if (options.waiting === true && FAILING.has(standing)) suspect(waiting, consumer, event);
    }
  };

  const confirmSuspect = async ({ consumer, first, last, events }: Suspect): Promise<Finding | undefined> => {
    const ends = first === last ? [last] : [first, last];
    const judged = await judgeAll(consumer, ends, 'certain');
    const wrong = judged.findLast(({ standing }) => standing === 'unaccounted');
    const standing = wrong?.standing ?? judged.at(-1)?.standing ?? 'under-way';
    standings[standing] += events;
    if (wrong?.standing !== 'unaccounted') return undefined;
    return findingOf(wrong.why, { consumer, first, last, events }, wrong.cursor);
  };

  const confirmLostCursor = async (found: Suspect): Promise<Finding | undefined> => {
    const [judged] = await judgeAll(found.consumer, [found.last], 'certain');
    return judged?.isCursorGone === true ? findingOf('cursor-gone', found, undefined) : undefined;
  };

  const waitingFinding = async (found: Suspect): Promise<Finding | undefined> => {
    const [judged] = await judgeAll(found.consumer, [found.last], 'certain');
    if (judged === undefined || !FAILING.has(judged.standing)) return undefined;
    return findingOf('waiting', found, judged.cursor);
  };

  const findingOf = async (
    kind: Finding['kind'],
    { consumer, first, last, events }: Suspect,
    cursor: Cursor | undefined,
  ): Promise<Finding> => {
    const blockedBy = cursor?.blockedBy?.sequence;
    // behind a blocked group only the blocking event's message helps
    const isBlocked = blockedBy !== undefined && (kind === 'waiting' || kind === 'message-gone');
    const event = isBlocked ? await summaryAt(deps.log, { group: last.group, sequence: blockedBy }) : last;
    const range = { group: last.group, from: first.sequence, to: last.sequence };
    return { kind, consumer: consumer.name, ...range, events, event, cursor };
  };

  const gapFinding = async (gap: LogGap): Promise<Finding | undefined> => {
    const confirmed = await confirmGap(gap, { log: deps.places, clock });
    await spend(CERTAIN_UNITS);
    if (confirmed === undefined) return undefined;
    const events = confirmed.kind === 'log-hole' ? confirmed.to - confirmed.from + 1 : 0;
    return { ...confirmed, consumer: undefined, events, event: undefined, cursor: undefined };
  };

  return {
    async step({ segment, segments, after, open }) {
      const page = await walker.page({ segment, segments, after });
      const now = clock.now();
      counts.items += page.items.length;
      await spend(page.readUnits);
      let group = open;
      for (const item of page.items) {
        const next = followItem(group, item, now);
        if (next.open.group !== group?.group) counts.groups += 1;
        group = next.open;
        if (checkLog) gaps.push(...next.gaps);
      }
      if (page.next === undefined && checkLog) gaps.push(...endOfGroup(group, now));
      const events = page.items.flatMap((item) => eventOf(item, now));
      for (const consumer of consumers) {
        const taken = events.filter((event) => consumer.takes(event));
        const due = taken.filter((event) => event.committedAt >= (consumer.takenSince?.(event) ?? EARLIEST));
        standings['not-due'] += taken.length - due.length;
        await judgePage(consumer, due);
      }
      return page.next === undefined ? undefined : { segment, segments, after: page.next, open: group };
    },

    hasSuspects: () => suspects.size + lostCursors.size + waiting.size + gaps.length > 0,
    isFull: () => suspects.size + lostCursors.size + waiting.size + gaps.length >= MAX_SUSPECTS,

    async confirm() {
      if (suspects.size + lostCursors.size + gaps.length > 0) await deps.sleep(options.confirmAfterMs);
      depths.forget();
      const findings: Finding[] = [];
      for (const found of suspects.values()) findings.push(...present(await confirmSuspect(found)));
      for (const found of lostCursors.values()) findings.push(...present(await confirmLostCursor(found)));
      for (const gap of gaps) findings.push(...present(await gapFinding(gap)));
      counts.findings += findings.length;
      for (const found of waiting.values()) findings.push(...present(await waitingFinding(found)));
      suspects.clear();
      lostCursors.clear();
      waiting.clear();
      gaps = [];
      return findings;
    },

    tally: () => ({ ...counts, standings: { ...standings } }),
  };
}

const ALL_STANDINGS: readonly Standing[] = [
  'handled',
  'skipped',
  'not-due',
  'under-way',
  ...WAITING_PLACES,
  'unaccounted',
];

type Judged = Judgement & {
  readonly event: EventSummary;
  readonly cursor: Cursor | undefined;
  /** Whether it was handled, and its group's cursor is missing although it cannot have expired. */
  readonly isCursorGone: boolean;
};

/** One event of a strict consumer's group leads to all others; other events stand for themselves. */
function suspect(found: Map<string, Suspect>, consumer: ReconciledConsumer, event: EventSummary): void {
  const isGrouped = consumer.glance.cursors !== undefined && isOrdered(event);
  const key = JSON.stringify([consumer.name, event.group, ...(isGrouped ? [] : [event.sequence])]);
  const known = found.get(key);
  found.set(
    key,
    known === undefined
      ? { consumer, first: event, last: event, events: 1 }
      : { ...known, last: event, events: known.events + 1 },
  );
}

/** An expired event may be in the log for days; the consumers' records of it may have expired, too. */
function eventOf(item: LogItem, now: EpochMs): readonly EventSummary[] {
  if (item.kind !== 'event') return [];
  const { kind: _, expires, previousExpires: __, ...event } = item;
  return expires !== undefined && expires * 1000 <= now ? [] : [event];
}

/** A message cannot be older than its queue keeps messages. */
const mayBeQueued = ({ queueRetentionMs }: ReconciledConsumer, { committedAt }: EventSummary, now: EpochMs): boolean =>
  committedAt >= now - queueRetentionMs;

async function summaryAt(log: Pick<LogReader, 'find'>, place: EventKey): Promise<EventSummary | undefined> {
  const found = await log.find(place);
  if (found === undefined) return undefined;
  const { group, sequence, id, source, type, committedAt } = found;
  return { group, sequence, id, source, type, committedAt };
}

const present = <Value>(value: Value | undefined): readonly Value[] => (value === undefined ? [] : [value]);

/** Reads the depths of a consumer's queues, at most every few seconds. */
function createDepthCache(clock: Clock) {
  const known = new Map<
    ReconciledConsumer,
    { readonly at: EpochMs; readonly messages: Promise<Messages | undefined> }
  >();
  return {
    of(consumer: ReconciledConsumer, how: 'glance' | 'certain'): Promise<Messages | undefined> {
      const cached = known.get(consumer);
      if (cached !== undefined && (how === 'certain' || clock.now() < addMs(cached.at, DEPTH_MS))) {
        return cached.messages;
      }
      const messages = readMessages(consumer);
      known.set(consumer, { at: clock.now(), messages });
      return messages;
    },
    forget: () => known.clear(),
  };
}

/** A message moves from the queue to the dead-letter queue, or by a redrive back: the queue is looked at twice. */
async function readMessages({ depths }: ReconciledConsumer): Promise<Messages | undefined> {
  if (depths === undefined) return undefined;
  const before = totalOf(await depths.queue());
  const dead = totalOf(await depths.deadLetters());
  const undeliverable = totalOf(await depths.undeliverable());
  const inQueue = before > 0 || totalOf(await depths.queue()) > 0;
  return { inQueue, inQueues: inQueue || dead > 0, undeliverable: undeliverable > 0 };
}

const totalOf = ({ visible, inFlight }: { readonly visible: number; readonly inFlight: number }): number =>
  visible + inFlight;

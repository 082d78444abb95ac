import type { ConsumerQueue, Cursor, CursorStore, FailureNotes, InboxRecords } from '../consumer/index.ts';
import { standsAlone, type Takes } from '../definitions/index.ts';
import type { EventSummary } from '../outbox/index.ts';
import { addMs, type Clock, type EpochMs } from '../shared/time.ts';
import type { LogReader, LogScanner } from './ports.ts';
import type { RateLimiter } from './rate-limiter.ts';

/** A consumer with `ordering: 'strict'`. */
export interface AuditedConsumer {
  readonly name: string;
  readonly takes: Takes;
  readonly cursors: Pick<CursorStore, 'read'>;
  readonly inbox: InboxRecords;
  readonly notes: Pick<FailureNotes, 'find'>;
  readonly queue: Pick<ConsumerQueue, 'resend'>;
  /** The time from which it processes a group for which it has no cursor. */
  readonly startInstant: () => Promise<EpochMs>;
  /**
   * The time from which it is audited for events without a group. The inbox records of earlier events may have expired
   * while the log still has the events, because DynamoDB may delete expired items days late.
   */
  readonly aloneStartInstant: () => Promise<EpochMs>;
}

export interface AuditDeps {
  readonly log: LogReader & LogScanner;
  readonly consumers: readonly AuditedConsumer[];
  readonly clock: Clock;
  /** Limits the scan, in read units per second. */
  readonly readLimiter: RateLimiter;
  /** Limits resending, in messages per second. */
  readonly resendLimiter: RateLimiter;
}

export interface AuditOptions {
  /** Younger events count as under way. */
  readonly graceMs: number;
  /** Whether to resend missing events or only report them. */
  readonly resend: boolean;
  /**
   * Whether to also report blocking events and failed events without a group. Their messages are lost if the consumer's
   * queue was replaced.
   * @default false
   */
  readonly waiting?: boolean;
  readonly onProgress?: (progress: AuditProgress) => void;
}

export interface AuditProgress {
  readonly items: number;
  readonly readUnits: number;
  readonly groups: number;
  /** (consumer, group) pairs whose last event is younger than the grace period. */
  readonly underWay: number;
  /** Pairs that are blocked by an event. They are listed as held. */
  readonly waiting: number;
  /** Pairs whose last event is not processed although nothing blocks it. */
  readonly missing: number;
}

/** An event that a consumer has not processed although nothing blocks it. */
export interface MissingEvent {
  readonly consumer: string;
  /**
   * The group's last event for the consumer. Its message makes the consumer process all earlier events too. With
   * `waiting`, also the event that blocks the group.
   */
  readonly event: EventSummary;
  /** Undefined if the consumer has no cursor for the group. */
  readonly processed: number | undefined;
  /** Whether the consumer received its message. */
  readonly seen: boolean;
  readonly resent: boolean;
}

const NEVER = 0 as EpochMs;

/** The maximum of one read of cursors. */
const GROUPS_PER_READ = 100;

/**
 * Finds events that were lost on the way to a consumer. Compares the last event of each group in the log with the
 * consumers' cursors, and events without a group with their inboxes. Reads the whole log once.
 */
export async function* audit(deps: AuditDeps, options: AuditOptions): AsyncGenerator<MissingEvent, AuditProgress> {
  const { log, consumers, clock, readLimiter, resendLimiter } = deps;
  const progress = { items: 0, readUnits: 0, groups: 0, underWay: 0, waiting: 0, missing: 0 };
  const starts = new Map<string, { readonly grouped: EpochMs; readonly alone: EpochMs }>();
  for (const { name, startInstant, aloneStartInstant } of consumers) {
    starts.set(name, { grouped: await startInstant(), alone: await aloneStartInstant() });
  }

  const checkGroups = async function* (groups: readonly GroupEnd[]): AsyncGenerator<MissingEvent> {
    for (const consumer of consumers) {
      const ends = groups.flatMap(({ lastTaken }) => lastTaken.get(consumer.name) ?? []);
      const known = await knownOf(consumer, ends, clock.now());
      for (const event of ends) {
        const fact = known.get(event.group);
        const start = starts.get(consumer.name)?.[standsAlone(event.group, event.id) ? 'alone' : 'grouped'] ?? NEVER;
        const state = classify(event, fact, start, addMs(clock.now(), -options.graceMs));
        if (state === 'dealt-with') continue;
        progress[state] += 1;
        const isReported = state === 'missing' || (state === 'waiting' && options.waiting === true);
        const cursor = typeof fact === 'object' ? fact : undefined;
        const missing = isReported ? await missingOf(event, cursor) : undefined;
        if (missing === undefined) continue;
        const resent = options.resend && (await resendTo(consumer, missing));
        yield {
          consumer: consumer.name,
          event: missing,
          processed: cursor?.processed,
          seen: cursor !== undefined && cursor.seen >= event.sequence,
          resent,
        };
      }
    }
  };

  /** The event to resend; undefined if the log no longer has it. */
  const missingOf = async (last: EventSummary, cursor: Cursor | undefined): Promise<EventSummary | undefined> => {
    const blockedBy = cursor?.blockedBy;
    if (blockedBy === undefined) return last;
    const found = await log.find({ group: last.group, sequence: blockedBy.sequence });
    if (found === undefined) return undefined;
    const { body: _, ...summary } = found;
    return summary;
  };

  const resendTo = async ({ queue }: AuditedConsumer, event: EventSummary): Promise<boolean> => {
    const stored = await log.find(event);
    if (stored === undefined) return false;
    await resendLimiter.spend(1);
    await queue.resend(stored.group, stored.body);
    return true;
  };

  let groups: GroupEnd[] = [];
  for await (const page of log.scan({ segment: 0, segments: 1 })) {
    for (const event of page.events) {
      if (groups.at(-1)?.group !== event.group) {
        progress.groups += 1;
        // the next event may belong to the last group
        if (groups.length >= GROUPS_PER_READ) {
          yield* checkGroups(groups);
          groups = [];
        }
        groups.push({ group: event.group, lastTaken: new Map() });
      }
      for (const { name, takes } of consumers) if (takes(event)) groups.at(-1)?.lastTaken.set(name, event);
    }
    progress.items += page.items;
    progress.readUnits += page.readUnits;
    options.onProgress?.({ ...progress });
    await readLimiter.spend(page.readUnits);
  }
  yield* checkGroups(groups);
  return progress;
}

interface GroupEnd {
  readonly group: string;
  /** The last event for each consumer, by name. */
  readonly lastTaken: Map<string, EventSummary>;
}

/** The state of a group at a consumer: its cursor, or the outcome of an event without a group. */
type Known = Cursor | 'handled' | 'busy' | 'failing' | undefined;

async function knownOf(
  consumer: AuditedConsumer,
  ends: readonly EventSummary[],
  now: EpochMs,
): Promise<ReadonlyMap<string, Known>> {
  const groups = ends.filter(({ group, id }) => !standsAlone(group, id)).map(({ group }) => group);
  const known = new Map<string, Known>(groups.length === 0 ? [] : await consumer.cursors.read(groups));
  const alone = ends.filter(({ group, id }) => standsAlone(group, id));
  const outcomes = await Promise.all(alone.map((event) => outcomeOf(consumer, event, now)));
  for (const [index, { group }] of alone.entries()) known.set(group, outcomes[index]);
  return known;
}

async function outcomeOf(
  { inbox, notes }: AuditedConsumer,
  { source, id }: EventSummary,
  now: EpochMs,
): Promise<Known> {
  const record = await inbox.find({ source, id });
  if (record?.status === 'completed') return 'handled';
  // an expired record means that its execution crashed
  if (record !== undefined && record.until >= now) return 'busy';
  const note = await notes.find(id);
  return note === undefined || note.resolvedAt !== undefined ? undefined : 'failing';
}

function classify(
  { sequence, committedAt }: EventSummary,
  known: Known,
  start: EpochMs,
  youngerThan: EpochMs,
): 'dealt-with' | 'underWay' | 'waiting' | 'missing' {
  if (known === 'handled') return 'dealt-with';
  if (known === 'busy') return 'underWay';
  if ((known === undefined || known === 'failing') && committedAt < start) return 'dealt-with';
  if (known === 'failing') return 'waiting';
  if (known !== undefined && known.processed >= sequence) return 'dealt-with';
  const isPaused = known?.paused !== undefined && known.seen >= sequence;
  if (known?.blockedBy !== undefined || isPaused) return 'waiting';
  return committedAt > youngerThan ? 'underWay' : 'missing';
}

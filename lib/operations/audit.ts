import type { ConsumerQueue, Cursor, CursorStore, FailureNotes, InboxRecords } from '../consumer/index.ts';
import { standsAlone, type Takes } from '../contracts/index.ts';
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
  /** Where it starts in a group that it has no cursor for. */
  readonly startInstant: () => Promise<EpochMs>;
  /**
   * Where it starts among events that stand alone: of earlier ones the inbox may have forgotten that they were handled,
   * while the log still shows them, since DynamoDB may delete an item days after its time.
   */
  readonly aloneStartInstant: () => Promise<EpochMs>;
}

export interface AuditDeps {
  readonly log: LogReader & LogScanner;
  readonly consumers: readonly AuditedConsumer[];
  readonly clock: Clock;
  /** In read units of the scan. */
  readonly readLimiter: RateLimiter;
  /** In messages. */
  readonly resendLimiter: RateLimiter;
}

export interface AuditOptions {
  /** Younger events count as still on their way. */
  readonly graceMs: number;
  /** Whether to resend what is missing, or only to tell. */
  readonly resend: boolean;
  /**
   * Whether what is waited for is missing, too: the event that a group waits for, and one of no group that has failed. Their
   * messages are gone where the consumer has another queue than the one that they lay in.
   * @default false
   */
  readonly waiting?: boolean;
  readonly onProgress?: (progress: AuditProgress) => void;
}

export interface AuditProgress {
  readonly items: number;
  readonly readUnits: number;
  readonly groups: number;
  /** (consumer, group) pairs whose last event is too young to tell. */
  readonly underWay: number;
  /** Pairs that wait for an event: they are listed as held. */
  readonly waiting: number;
  /** Pairs whose last event the consumer has not dealt with, though nothing holds it. */
  readonly missing: number;
}

/** A consumer that has not dealt with a group's last event, though nothing holds it. */
export interface MissingEvent {
  readonly consumer: string;
  /**
   * The last one that the consumer takes: its message carries all that is missing before it. With `waiting` also the one that
   * the group waits for.
   */
  readonly event: EventSummary;
  /** Undefined where the consumer has no cursor for the group. */
  readonly processed: number | undefined;
  /** Whether its message ever came. */
  readonly seen: boolean;
  readonly resent: boolean;
}

const NEVER = 0 as EpochMs;

/** As many as one read of cursors takes. */
const GROUPS_AT_A_TIME = 100;

/**
 * Finds what the bus has lost for good: compares the last event of each group, as the log has it, with the consumers'
 * cursors; of events that stand alone, with their inboxes. It reads the whole log once.
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
        const isWanted = state === 'missing' || (state === 'waiting' && options.waiting === true);
        const cursor = typeof fact === 'object' ? fact : undefined;
        const missing = isWanted ? await missingOf(event, cursor) : undefined;
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

  /** What makes the group go on; undefined where the log no longer holds it. */
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
        // the group at the end may go on with the next event
        if (groups.length >= GROUPS_AT_A_TIME) {
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
  /** The last event that a consumer takes, by its name. */
  readonly lastTaken: Map<string, EventSummary>;
}

/** What is known of a group at a consumer: its cursor, or of an event that stands alone, what became of it. */
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
  // past its time an execution has died: the event is open
  if (record !== undefined && record.until >= now) return 'busy';
  return (await notes.find(id)) === undefined ? undefined : 'failing';
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
  if (known?.blockedBy !== undefined) return 'waiting';
  return committedAt > youngerThan ? 'underWay' : 'missing';
}

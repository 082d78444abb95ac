import type { ConsumerQueue, Cursor, FailureNote, NotedFailures } from '../consumer/index.ts';
import { standsAlone, type Takes } from '../definitions/index.ts';
import { type EventRecord, keyText } from '../outbox/index.ts';
import type { FailureState, FailuresDeps } from './failures.ts';
import type { LoggedEvents, SkipLedger } from './ports.ts';
import type { FailureKind, NoOpReason, RedriveItem } from './redrive-run.ts';

/** What a redrive knows of its consumer. */
export interface RedriveEventsDeps extends FailuresDeps {
  readonly notes: NotedFailures;
  readonly logged: LoggedEvents;
  readonly takes: Takes;
  readonly queue: Pick<ConsumerQueue, 'resend'>;
  /** Undefined if `ordering` is 'fifo'. */
  readonly skips: Pick<SkipLedger, 'find'> | undefined;
}

/** Number of events that are read by one call of each kind. */
export const READ_TOGETHER = 100;

/** What is known of some events. */
interface Known {
  readonly cursorOf: (item: RedriveItem) => Cursor | undefined;
  readonly noteOf: (item: RedriveItem) => FailureNote | undefined;
  readonly isHandled: (item: RedriveItem) => boolean;
}

async function readKnown(deps: RedriveEventsDeps, items: readonly RedriveItem[]): Promise<Known> {
  const inGroups = items.filter(({ group, subject }) => !standsAlone(group, subject));
  const groups = [...new Set(inGroups.map(({ group }) => group))];
  const [cursors, notes] = await Promise.all([
    groups.length === 0 ? undefined : deps.cursors?.read(groups),
    deps.notes.among(items.map(({ subject }) => subject)),
  ]);
  const cursorOf = ({ group }: RedriveItem) => cursors?.get(group);
  // a replay in a later generation is another event for the inbox
  const identities = items.map((item) => ({
    source: item.source,
    id: item.subject,
    generation: cursorOf(item)?.generation ?? 0,
  }));
  const handled = new Set((await deps.handled.among(identities)).map(({ id }) => id));
  const noteBySubject = new Map(notes.map((note) => [note.subject, note]));
  return {
    cursorOf,
    noteOf: ({ subject }) => noteBySubject.get(subject),
    isHandled: ({ subject }) => handled.has(subject),
  };
}

/** An event that can go, as the log has it, or the reason why it is left alone. */
export type Assessed =
  | { readonly item: RedriveItem; readonly event: EventRecord; readonly noOp?: undefined }
  | { readonly item: RedriveItem; readonly noOp: NoOpReason };

/**
 * Says which of at most `READ_TOGETHER` events can be sent again. Changes nothing.
 * @param wanted the state that was asked for: events that are retried by themselves are left alone otherwise
 */
export async function assess(
  deps: RedriveEventsDeps,
  items: readonly RedriveItem[],
  wanted: FailureState | undefined,
): Promise<readonly Assessed[]> {
  const [known, logged] = await Promise.all([readKnown(deps, items), deps.logged.among(items)]);
  const events = new Map(logged.map((event) => [keyText(event), event]));
  return items.map((item): Assessed => {
    const event = events.get(keyText(item));
    const noOp = noOpOf(item, known, wanted) ?? logProblemOf(item, event, deps.takes);
    if (noOp !== undefined || event === undefined) return { item, noOp: noOp ?? 'gone' };
    return { item: { ...item, failedBefore: known.noteOf(item)?.lastAt }, event };
  });
}

function noOpOf(item: RedriveItem, known: Known, wanted: FailureState | undefined): NoOpReason | undefined {
  const cursor = known.cursorOf(item);
  if (known.isHandled(item)) return 'handled';
  if (cursor?.paused !== undefined) return 'paused';
  const state = stateOf(item, cursor, known.noteOf(item));
  if (state === 'passed') return 'handled';
  if (state === 'behind') return 'behind';
  if (state === 'dead' || state === wanted) return undefined;
  return state === 'deferred' ? 'deferred' : 'retried';
}

/** The cursor tells about an event that holds its group, and its note about all others. */
function stateOf(
  { holdsGroup, sequence }: RedriveItem,
  cursor: Cursor | undefined,
  note: FailureNote | undefined,
): FailureState | 'passed' | 'behind' {
  const noted = note?.deferred === true ? 'deferred' : note?.state;
  if (!holdsGroup || cursor === undefined) return noted ?? 'dead';
  const { processed, blockedBy } = cursor;
  if (processed >= sequence) return 'passed';
  if (blockedBy === undefined) return noted ?? 'dead';
  if (blockedBy.sequence !== sequence) return 'behind';
  return blockedBy.state === 'retrying' && noted === 'deferred' ? 'deferred' : blockedBy.state;
}

function logProblemOf(item: RedriveItem, event: EventRecord | undefined, takes: Takes): NoOpReason | undefined {
  if (event === undefined) return 'gone';
  if (event.id !== item.subject || event.source !== item.source) return 'misplaced';
  return takes(event) ? undefined : 'not-taken';
}

/**
 * What has become of events that were sent, at most `READ_TOGETHER`. Receives no message: the inbox, the cursors and the
 * notes tell.
 */
export async function observe(deps: RedriveEventsDeps, items: readonly RedriveItem[]): Promise<readonly RedriveItem[]> {
  const known = await readKnown(deps, items);
  const handled = items.filter(known.isHandled);
  const identities = handled.map((item) => ({
    source: item.source,
    id: item.subject,
    generation: known.cursorOf(item)?.generation ?? 0,
  }));
  const skips = identities.length === 0 ? [] : await deps.handled.skippedAmong(identities);
  const skipped = new Set(skips.map(({ id }) => id));
  return Promise.all(
    items.map(async ({ failure: _, ...item }): Promise<RedriveItem> => {
      if (known.isHandled(item)) return { ...item, outcome: skipped.has(item.subject) ? 'skipped' : 'handled' };
      const cursor = known.cursorOf(item);
      if (item.holdsGroup && cursor !== undefined && cursor.processed >= item.sequence) {
        const record = await deps.skips?.find(item, cursor.generation);
        return { ...item, outcome: record === undefined ? 'handled' : 'skipped' };
      }
      const failure = failureSince(item, known.noteOf(item));
      return failure === undefined ? { ...item, outcome: 'waiting' } : { ...item, outcome: 'failed', failure };
    }),
  );
}

/**
 * Whether the event has failed again. The same cause as before counts at its first attempt, another one when it is a dead
 * letter: until then a retry may succeed. Compares times of the note only: the operator's clock may differ from the
 * functions'.
 */
function failureSince(item: RedriveItem, note: FailureNote | undefined): FailureKind | undefined {
  if (note === undefined || note.resolvedAt !== undefined || note.deferred === true) return undefined;
  if (note.lastAt === item.failedBefore) return undefined;
  const { fingerprint, code, pattern, state } = note;
  return state === 'dead' || fingerprint === item.fingerprint ? { fingerprint, code, pattern } : undefined;
}

import type { Cursor, CursorStore, GroupReplay } from '../consumer/index.ts';
import { ENV, standsAlone } from '../definitions/index.ts';
import type { EventSummary } from '../outbox/index.ts';
import type { Clock, EpochMs } from '../shared/time.ts';
import type { DeployedConsumer } from './deployment.ts';
import { ReplayUnsuitableError } from './errors.ts';
import type { LogWalker } from './ports.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { type ResendDeps, resend } from './resend.ts';

export interface ReplayDeps extends ResendDeps {
  readonly cursors: CursorStore;
  readonly walker: LogWalker;
  readonly clock: Clock;
  /** Limits the walk through the log and the reads of cursors, in read units per second. */
  readonly readLimiter: RateLimiter;
  /** Limits how many groups begin, per second. */
  readonly groupLimiter: RateLimiter;
}

export interface ReplayRequest {
  /** Identifies the run. A group is replayed once by it: an interrupted run is continued with the same one. */
  readonly run: string;
  /** The first commit time. @default - the oldest event of the log */
  readonly since?: EpochMs | undefined;
  /** The last commit time. @default - all that was handled */
  readonly until?: EpochMs | undefined;
  /** Only this group. @default - all */
  readonly group?: string | undefined;
  /** The operator. */
  readonly by: string;
  readonly reason: string;
}

/** What a replay does, or would do, with a group. */
export type ReplayedGroup = {
  readonly group: string;
  /** The sequences that are handled again, or, by a backfill, for the first time. */
  readonly from: number;
  readonly upTo: number;
  /** Number of events of types that the consumer takes. */
  readonly events: number;
} & (
  | { readonly kind: 'planned' }
  | { readonly kind: 'begun'; readonly generation: number }
  /** The same run began it before. Its next event was resent, in case the run was interrupted. */
  | { readonly kind: 'begun-before' }
  /** Nothing was written. `blocked`: an event holds it. `paused`: by an operator. `contended`: its cursor kept changing. */
  | { readonly kind: 'refused'; readonly why: 'blocked' | 'paused' | 'contended' }
);

export interface ReplayProgress {
  readonly items: number;
  readonly readUnits: number;
  readonly groups: number;
  readonly events: number;
}

/** Maximum number of attempts. New messages of the group also change the cursor. */
const MAX_ATTEMPTS = 10;

/** Groups whose cursors are read at once. */
const GROUPS_PER_READ = 100;

/**
 * Refuses a consumer for which a replay is not right.
 * @param iKnow whether the operator has considered what it does to sagas and to external systems
 * @throws ReplayUnsuitableError `REPLAY_UNSUITABLE` with the reason
 */
export function assertReplayable({ name, ordering, variables }: DeployedConsumer, iKnow: boolean): void {
  if (ordering !== 'strict') {
    throw new ReplayUnsuitableError(
      name,
      "its ordering is 'fifo': it has no cursors, so that nothing would tell a replayed message from a duplicate; deploy a strict consumer beside it, and backfill that",
    );
  }
  if (variables[ENV.projectionStateTableName] !== undefined) {
    throw new ReplayUnsuitableError(
      name,
      `it makes a read model, which ignores events that it has: use 'waybill rebuild' instead`,
    );
  }
  if (iKnow) return;
  if (variables[ENV.sagasTableName] !== undefined) {
    throw new ReplayUnsuitableError(
      name,
      'it is a process manager: replayed events may start sagas again, and find others at steps that they do not expect; pass --i-know if that is right',
    );
  }
  if (variables[ENV.claim] === 'before') {
    throw new ReplayUnsuitableError(
      name,
      "it claims events before its handlers, as consumers of external systems do: these would be called again, with the same idempotencyKey; let the handlers look at 'replay' of their context, then pass --i-know",
    );
  }
}

/**
 * Lets a strict consumer handle events of the log again, in order, once per group and run: each group's cursor goes back to before
 * the first of them, under a new generation, for which the inbox knows nothing. Live events flow meanwhile, behind the replayed
 * ones of their group. A group without a cursor is begun there: the backfill of a new consumer.
 * @param plans only tells what would happen
 */
export async function* replay(
  deps: ReplayDeps,
  request: ReplayRequest,
  { plans }: { readonly plans: boolean },
): AsyncGenerator<ReplayedGroup, ReplayProgress> {
  const { walker, readLimiter } = deps;
  const startedAt = deps.clock.now();
  const progress = { items: 0, readUnits: 0, groups: 0, events: 0 };
  let ranges: Range[] = [];

  const settle = async function* (): AsyncGenerator<ReplayedGroup> {
    const cursors = await deps.cursors.read(ranges.map(({ group }) => group));
    await readLimiter.spend(ranges.length);
    progress.readUnits += ranges.length;
    for (const range of ranges) {
      const replayed = await replayRange(deps, request, range, cursors.get(range.group), plans);
      if (replayed === undefined) continue;
      progress.groups += 1;
      progress.events += replayed.events;
      yield replayed;
    }
    ranges = [];
  };

  let after: Awaited<ReturnType<LogWalker['page']>>['next'];
  do {
    const page = await walker.page({ segment: 0, segments: 1, after });
    for (const item of page.items) {
      if (item.kind !== 'event' || !isWanted(item, request, startedAt, deps)) continue;
      const open = ranges.at(-1);
      if (open?.group === item.group) open.taken.push(item.sequence);
      else {
        // the next event may belong to the last group
        if (ranges.length >= GROUPS_PER_READ) yield* settle();
        ranges.push({ group: item.group, taken: [item.sequence] });
      }
    }
    progress.items += page.items.length;
    progress.readUnits += page.readUnits;
    await readLimiter.spend(page.readUnits);
    after = page.next;
  } while (after !== undefined);
  yield* settle();
  return progress;
}

/** The events of a group that match, of types that the consumer takes. */
interface Range {
  readonly group: string;
  readonly taken: number[];
}

/** Events without a group have no cursor: they cannot be replayed. */
function isWanted(
  event: EventSummary,
  { since, until, group }: ReplayRequest,
  startedAt: EpochMs,
  { takes }: Pick<ReplayDeps, 'takes'>,
): boolean {
  return (
    !standsAlone(event.group, event.id) &&
    (group === undefined || event.group === group) &&
    event.committedAt >= (since ?? 0) &&
    event.committedAt <= Math.min(until ?? startedAt, startedAt) &&
    takes(event)
  );
}

async function replayRange(
  deps: ReplayDeps,
  request: ReplayRequest,
  { group, taken }: Range,
  known: Cursor | undefined,
  plans: boolean,
): Promise<ReplayedGroup | undefined> {
  let cursor = known;
  const [from = 1] = taken;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const { processed, replay: before } = cursor ?? { processed: Number.MAX_SAFE_INTEGER };
    const isOwn = before?.run === request.run;
    // what is not handled yet will be, without a replay
    const handled = taken.filter((sequence) => sequence <= processed);
    const upTo = isOwn ? before.upTo : handled.at(-1);
    if (upTo === undefined) return undefined;
    const about = { group, from, upTo, events: isOwn ? taken.length : handled.length };
    if (isOwn) {
      if (!plans && cursor?.blockedBy === undefined && processed < upTo) await resend(deps, group);
      return { kind: 'begun-before', ...about };
    }
    if (cursor?.blockedBy !== undefined) return { kind: 'refused', why: 'blocked', ...about };
    if (cursor?.paused !== undefined) return { kind: 'refused', why: 'paused', ...about };
    if (plans) return { kind: 'planned', ...about };
    if (attempt === 1) await deps.groupLimiter.spend(1);
    const next = goneBack(cursor, about, request, deps.clock.now());
    if ((await deps.cursors.save(group, cursor ?? next, next)) === 'saved') {
      await resend(deps, group);
      return { kind: 'begun', generation: next.generation, ...about };
    }
    cursor = (await deps.cursors.read([group])).get(group);
  }
  return { kind: 'refused', why: 'contended', group, from, upTo: taken.at(-1) ?? from, events: taken.length };
}

/** The cursor before the first event, under a new generation. */
function goneBack(
  cursor: Cursor | undefined,
  { from, upTo }: { readonly from: number; readonly upTo: number },
  { run, by, reason }: ReplayRequest,
  now: EpochMs,
): Cursor {
  const processed = from - 1;
  if (cursor === undefined) {
    // the first handling is no replay: the handlers must not leave anything out
    const backfill: GroupReplay = { run, upTo: 0, resumeAfter: 0, since: now, by, reason };
    return { processed, seen: upTo, blockedBy: undefined, generation: 0, revision: 0, replay: backfill };
  }
  const resumeAfter = cursor.processed;
  return {
    ...cursor,
    processed,
    seen: Math.max(cursor.seen, upTo),
    generation: cursor.generation + 1,
    replay: { run, upTo, resumeAfter, since: now, by, reason },
  };
}

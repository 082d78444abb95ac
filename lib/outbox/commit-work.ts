import type { CloudEvent } from '../definitions/index.ts';
import { sealEvent } from '../event/index.ts';
import { type Backoff, fullJitterMs, type Sleep } from '../shared/backoff.ts';
import { addMs, type Clock, type EpochSeconds, toEpochSeconds } from '../shared/time.ts';
import { assignSequences, groupsWithHead, type KnownHeads } from './assign-sequences.ts';
import { conditionError } from './condition-error.ts';
import {
  OutboxAccessDeniedError,
  OutboxContentionError,
  OutboxRequestError,
  OutboxThrottledError,
  OutboxUnsettledError,
  OutboxWriteError,
} from './errors.ts';
import type { NewEventRecord } from './event-record.ts';
import type { Item } from './item-size.ts';
import type { GroupHead, GuardedWrite, HeadMove, OutboxCommit, OutboxStore } from './ports.ts';
import { learnFromHeads, missingBefore, takenPlace } from './refused-heads.ts';
import { createRememberedHeads, DEFAULT_REMEMBERED_HEADS, type TriedHeads } from './remembered-heads.ts';
import { assertLimits, assertNoItemTwice, ITEM_TWICE_MESSAGE, itemTwiceOf } from './transaction-limits.ts';
import type { CollectedWork } from './unit-of-work.ts';
import { subjectOf } from './write-subject.ts';

/** Enough for about ten producers that write to one group at the same time. */
export const DEFAULT_MAX_ATTEMPTS = 12;

/** A transaction takes about 10 ms; the first wait is about twice that. */
const BACKOFF: Backoff = { baseMs: 25, capMs: 1_000 };

/** The largest possible head, to compute the size of events before the head is read. */
const ANY_HEAD: GroupHead = { last: 0, lastExpires: 9_999_999_999 as EpochSeconds };

/** What a transaction is committed with. */
export interface CommitOptions {
  readonly store: OutboxStore;
  readonly clock: Clock;
  readonly ids: {
    /** At most 36 characters, different for every call. */
    newToken(): string;
  };
  readonly sleep: Sleep;
  /** Returns a number from 0 up to but not including 1. */
  readonly random: () => number;
  /** How long the log keeps an event. */
  readonly retentionSeconds: number;
  /** Maximum attempts at one transaction. @default DEFAULT_MAX_ATTEMPTS */
  readonly maxAttempts?: number;
  /**
   * Groups whose head is remembered, so that commits to groups that only this process writes do not read it. 0 for none.
   * @default DEFAULT_REMEMBERED_HEADS
   */
  readonly rememberedHeads?: number;
}

interface GuardedWork {
  readonly work: CollectedWork;
  readonly guards: readonly GuardedWrite[];
}

/** Why a transaction failed and another attempt may succeed. */
interface Obstacle {
  /** False if another transaction was first. */
  readonly isThrottled: boolean;
  readonly reason: string;
  /** The heads to try at once. @default - they are read after a wait */
  readonly heads?: TriedHeads | undefined;
}

/** @returns a function that commits a unit of work and retries if another transaction was first */
export function createCommitWork(options: CommitOptions): (guarded: GuardedWork) => Promise<readonly CloudEvent[]> {
  const { store, clock, ids, sleep, random, retentionSeconds, maxAttempts = DEFAULT_MAX_ATTEMPTS } = options;
  const heads = createRememberedHeads(store, options.rememberedHeads ?? DEFAULT_REMEMBERED_HEADS);

  const assemble = ({ work, guards }: GuardedWork, known: KnownHeads) => {
    const committedAt = clock.now();
    const expires = toEpochSeconds(addMs(committedAt, retentionSeconds * 1000));
    const { sequences, previousExpires, heads } = assignSequences(work.publications, known, expires);
    const events = work.publications.map(({ draft }, index) => sealEvent(draft, sequences[index] ?? 0));
    const stored = events.map(
      (event, index): NewEventRecord => ({
        group: event.partitionkey,
        sequence: Number(event.sequence),
        id: event.id,
        source: event.source,
        type: event.type,
        body: JSON.stringify(event),
        committedAt,
        correlationId: event.correlationid,
        expires,
        previousExpires: previousExpires[index],
      }),
    );
    // guards come first: a lost guard must not be reported as a failed condition of the caller
    const writes = [...guards.map(({ write }) => write), ...work.writes.map(({ item }) => item)];
    return { events, commit: { writes, heads, events: stored } };
  };

  const commitOnce = async (commit: OutboxCommit, guarded: GuardedWork) => {
    try {
      return await store.commit(commit);
    } catch (error) {
      // it may have been applied
      heads.forget(commit.heads);
      throw requestRefusal(error, guarded) ?? error;
    }
  };

  /** Nothing promises that DynamoDB reports every failed condition: the head's may have failed, too. */
  const hasHeadMoved = async ({ group }: NewEventRecord, { heads: moves }: OutboxCommit): Promise<boolean> => {
    const move = moves.find((candidate) => candidate.group === group);
    if (move === undefined || (move.by ?? 'head') !== 'head') return false;
    return (await store.readHeads([group])).get(group)?.last !== move.from;
  };

  /**
   * @param behind collects groups whose heads lag behind their aggregates
   * @returns undefined once the transaction is committed
   */
  const tryCommit = async (
    commit: OutboxCommit,
    guarded: GuardedWork,
    { tried, behind }: { readonly tried: TriedHeads; readonly behind: Map<string, number> },
  ): Promise<Obstacle | undefined> => {
    const { work, guards } = guarded;
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const outcome = await commitOnce(commit, guarded);
      switch (outcome.kind) {
        case 'committed':
          heads.committed(commit.heads);
          return undefined;
        case 'head-moved':
          learnFromHeads(outcome.heads, commit, behind);
          return {
            isThrottled: false,
            reason: `the head of a group moved: ${commit.heads.map(describeHead).join(', ')}`,
            heads: heads.refused(outcome.heads, tried),
          };
        case 'predecessor-missing':
          throw missingBefore(outcome.group, commit, behind);
        case 'sequence-taken':
          if (await hasHeadMoved(outcome.event, commit)) {
            heads.forget(commit.heads);
            return { isThrottled: false, reason: `the head of group '${outcome.event.group}' moved` };
          }
          throw takenPlace(outcome.event, commit);
        case 'conflict':
          // the other transaction moves the head if it is committed
          heads.forget(commit.heads);
          return { isThrottled: false, reason: outcome.reason };
        case 'throttled':
          return { isThrottled: true, reason: outcome.reason };
        case 'condition-failed':
          throw (
            guards[outcome.index]?.refused(outcome.item) ??
            refusedError(work, outcome.index - guards.length, outcome.item)
          );
        case 'write-refused': {
          const index = outcome.index - guards.length;
          const subject = subjectOf(commit.writes[outcome.index] ?? {}, index, work.writes[index]?.keyNames);
          throw new OutboxWriteError(subject, outcome.code, outcome.message);
        }
        case 'in-progress':
          // repeat the commit with the same token: with a new token it could be applied twice
          await sleep(fullJitterMs(BACKOFF, attempt, random));
      }
    }
    heads.forget(commit.heads);
    throw new OutboxUnsettledError(maxAttempts, random());
  };

  const givenUp = ({ isThrottled, reason }: Obstacle, work: CollectedWork, attempts: number): Error =>
    isThrottled
      ? new OutboxThrottledError(attempts, reason, random())
      : new OutboxContentionError(sharedGroupsOf(work), attempts, reason, random());

  return async (guarded) => {
    const groups = groupsWithHead(guarded.work.publications);
    const behind = new Map<string, number>();
    const known = (lastUsed: ReadonlyMap<string, GroupHead>) => ({ lastUsed, behind });
    assertNoItemTwice(guarded.work.writes);
    // computed without reading heads: the size of an event does not depend on its sequence
    const sized = assemble(guarded, known(new Map(groups.map((group) => [group, ANY_HEAD]))));
    assertLimits(sized.commit, guarded.guards.length);

    let tried = await heads.find(groups);
    for (let attempt = 1; ; attempt++) {
      const isSized = attempt === 1 && groups.length === 0;
      const { events, commit } = isSized ? sized : assemble(guarded, known(tried.lastUsed));
      const obstacle = await tryCommit({ ...commit, token: ids.newToken() }, guarded, { tried, behind });
      if (obstacle === undefined) return events;
      if (attempt >= maxAttempts) throw givenUp(obstacle, guarded.work, attempt);
      if (obstacle.heads === undefined) await sleep(fullJitterMs(BACKOFF, attempt, random));
      tried = obstacle.heads ?? (await heads.find(groups));
    }
  };
}

function refusedError({ writes }: CollectedWork, index: number, item: Item | undefined): Error {
  const write = writes[index];
  if (write === undefined) throw new RangeError(`the store names write ${index} of ${writes.length}`);
  return write.refused?.() ?? conditionError(write, index, item);
}

const sharedGroupsOf = ({ publications }: CollectedWork): readonly string[] => {
  const grouped = publications.filter(({ draft }) => draft.grouped);
  return [...new Set(grouped.map(({ draft }) => draft.envelope.partitionkey))];
};

/** Errors that reject the call as a whole: a mistake in the program, not a conflict. */
const REQUEST_REFUSALS = new Set(['ValidationException', 'ResourceNotFoundException']);

function requestRefusal(error: unknown, { work: { writes }, guards }: GuardedWork): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const subjects = () => writes.map(({ item, keyNames }, index) => subjectOf(item, index, keyNames));
  if (error.name === 'AccessDeniedException') {
    const own = guards.map(({ write }, index) => subjectOf(write, index - guards.length));
    return new OutboxAccessDeniedError([...own, ...subjects()], error);
  }
  if (!REQUEST_REFUSALS.has(error.name)) return undefined;
  return error.message.includes(ITEM_TWICE_MESSAGE) ? itemTwiceOf(writes) : new OutboxRequestError(subjects(), error);
}

const describeHead = ({ group, from }: HeadMove) => `'${group}' was expected at ${from}`;

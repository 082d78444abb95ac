import type { CloudEvent, EventReference, TenantResolver } from '../definitions/index.ts';
import { draftEvent, type EventContext, type EventIds, type EventMaker, sealEvent } from '../event/index.ts';
import { type Backoff, fullJitterMs, type Sleep } from '../shared/backoff.ts';
import { addMs, type Clock, type EpochSeconds, toEpochSeconds, toTimestamp } from '../shared/time.ts';
import { assignSequences, groupsWithHead, type KnownHeads } from './assign-sequences.ts';
import { conditionError } from './condition-error.ts';
import {
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
import { assertLimits, assertNoItemTwice, ITEM_TWICE_MESSAGE, itemTwiceOf } from './transaction-limits.ts';
import { type CollectedWork, collectWork, type UnitOfWork } from './unit-of-work.ts';
import { subjectOf } from './write-subject.ts';

export interface OutboxOptions extends EventMaker, CommitOptions {
  readonly ids: EventIds & CommitOptions['ids'];
  /** Says whose events they are. @default - whom the context names */
  readonly tenancy?: TenantResolver;
}

export interface TransactResult<Value> {
  /** What the function returned. */
  readonly value: Value;
  /** The events as they were committed, in the order of publishing. */
  readonly events: readonly CloudEvent[];
}

export interface Outbox {
  /**
   * Runs `work` once, then commits what it has collected as one TransactWriteItems: state and events together or
   * not at all. Without writes and events nothing is sent.
   *
   * @example
   * await outbox.transact((tx) => {
   *   tx.put({ TableName: 'orders', Item: order, ConditionExpression: 'attribute_not_exists(orderId)' });
   *   tx.publish(OrderPlaced, { orderId: order.orderId });
   * });
   *
   * @param guards go into the transaction too, and make one even of nothing; when one is refused, that is the error
   *
   * @throws OutboxConditionError `OUTBOX_CONDITION_FAILED`: a condition of the caller's does not hold; not retried
   * @throws OutboxContentionError `OUTBOX_CONTENTION`: other transactions were first at every attempt
   * @throws OutboxThrottledError `OUTBOX_THROTTLED`: DynamoDB throttled every attempt
   * @throws OutboxUnsettledError `OUTBOX_UNSETTLED`: whether it was written is not known
   * @throws ItemValueError `ITEM_VALUE_INVALID`: at the call of a write with a value that DynamoDB cannot hold
   * @throws OutboxLimitError `OUTBOX_LIMIT_EXCEEDED`: larger than DynamoDB or the bus takes; nothing was sent
   * @throws OutboxWriteError `OUTBOX_WRITE_REFUSED`: DynamoDB refuses a write as it is
   * @throws TenantMissingError `TENANT_MISSING`: an event of no tenant, where the deployment requires one; nothing was sent
   * @throws TenantMismatchError `TENANT_MISMATCH`: the context names another tenant than the one at work
   * @throws SequenceTakenError `OUTBOX_SEQUENCE_TAKEN`: a sequence that the caller gave is used already
   * @throws SequenceGapError `OUTBOX_SEQUENCE_GAP`: the one before a sequence that the caller gave is missing
   * @throws SequenceMixedError `OUTBOX_SEQUENCE_MIXED`: the group is counted by the outbox, or by its aggregate
   * @throws SequenceError `OUTBOX_SEQUENCE_INVALID`: sequences of the caller's that cannot stand together
   */
  transact<Value>(
    work: (tx: UnitOfWork) => Value | Promise<Value>,
    context?: EventContext,
    guards?: readonly GuardedWrite[],
  ): Promise<TransactResult<Value>>;
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { ids, tenancy } = options;

  /** At each event: the work may take turns for several tenants. */
  const ownedBy = <C extends EventContext>({ tenantId: named, ...context }: C, what: string) => {
    const tenantId = tenancy === undefined ? named : tenancy.tenantOf(named, what);
    return tenantId === undefined ? context : { ...context, tenantId };
  };

  const commitWork = createCommitWork(options);

  return {
    async transact(work, context = {}, guards = []) {
      const { correlationId = '' } = context;
      // a caller's header may be there and empty
      const eventContext = { ...context, correlationId: correlationId === '' ? ids.newCorrelationId() : correlationId };
      const unit = collectWork(
        (definition, data, hops) =>
          draftEvent(definition, data, { ...ownedBy(eventContext, `'${definition.type}'`), hops }, options),
        () => ({ at: toTimestamp(options.clock.now()), by: referenceTo(context.cause) }),
      );
      const run = async () => work(unit.tx);
      const value = await run().finally(unit.close);
      const collected = await unit.collected();
      const isEmpty = guards.length + collected.writes.length + collected.publications.length === 0;
      return { value, events: isEmpty ? [] : await commitWork({ work: collected, guards }) };
    },
  };
}

const referenceTo = (event: CloudEvent | undefined): EventReference | undefined =>
  event === undefined ? undefined : { source: event.source, id: event.id, type: event.type };

/** Enough for some ten producers that hit one group at once. */
export const DEFAULT_MAX_ATTEMPTS = 12;

/** A transaction takes some 10 ms: the first wait is about two of them. */
const BACKOFF: Backoff = { baseMs: 25, capMs: 1_000 };

/** As large as a head can make its events. */
const ANY_HEAD: GroupHead = { last: 0, lastExpires: 9_999_999_999 as EpochSeconds };

interface CommitOptions {
  readonly store: OutboxStore;
  readonly clock: Clock;
  readonly ids: {
    /** At most 36 characters, never the same twice. */
    newToken(): string;
  };
  readonly sleep: Sleep;
  /** From 0 up to but not including 1. */
  readonly random: () => number;
  /** How long the log keeps an event. */
  readonly retentionSeconds: number;
  /** Attempts at one transaction while others are first. @default DEFAULT_MAX_ATTEMPTS */
  readonly maxAttempts?: number;
}

interface GuardedWork {
  readonly work: CollectedWork;
  readonly guards: readonly GuardedWrite[];
}

/** Why another attempt at a transaction may succeed. */
interface Obstacle {
  /** Otherwise another transaction was first. */
  readonly isThrottled: boolean;
  readonly reason: string;
}

/** @returns what commits a unit of work, with as many attempts as it takes and is worth */
function createCommitWork(options: CommitOptions): (guarded: GuardedWork) => Promise<readonly CloudEvent[]> {
  const { store, clock, ids, sleep, random, retentionSeconds, maxAttempts = DEFAULT_MAX_ATTEMPTS } = options;

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
        expires,
        previousExpires: previousExpires[index],
      }),
    );
    // guards first: an overtaken execution must not be taken for one whose own condition failed
    const writes = [...guards.map(({ write }) => write), ...work.writes.map(({ item }) => item)];
    return { events, commit: { writes, heads, events: stored } };
  };

  const headsOf = async (groups: readonly string[]): Promise<ReadonlyMap<string, GroupHead>> =>
    groups.length === 0 ? new Map() : store.readHeads(groups);

  const commitOnce = async (commit: OutboxCommit, work: CollectedWork) => {
    try {
      return await store.commit(commit);
    } catch (error) {
      throw requestRefusal(error, work) ?? error;
    }
  };

  /** @param behind learns which heads are behind their aggregates @returns undefined once it is committed */
  const tryCommit = async (
    commit: OutboxCommit,
    { work, guards }: GuardedWork,
    behind: Map<string, number>,
  ): Promise<Obstacle | undefined> => {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const outcome = await commitOnce(commit, work);
      switch (outcome.kind) {
        case 'committed':
          return undefined;
        case 'head-moved':
          learnFromHeads(outcome.heads, commit, behind);
          return {
            isThrottled: false,
            reason: `the head of a group moved: ${commit.heads.map(describeHead).join(', ')}`,
          };
        case 'predecessor-missing':
          throw missingBefore(outcome.group, commit, behind);
        case 'sequence-taken':
          throw takenPlace(outcome.event, commit);
        case 'conflict':
          return { isThrottled: false, reason: outcome.reason };
        case 'throttled':
          return { isThrottled: true, reason: outcome.reason };
        case 'condition-failed':
          throw guards[outcome.index]?.refused() ?? refusalOf(work, outcome.index - guards.length, outcome.item);
        case 'write-refused': {
          const index = outcome.index - guards.length;
          const subject = subjectOf(commit.writes[outcome.index] ?? {}, index, work.writes[index]?.keyNames);
          throw new OutboxWriteError(subject, outcome.code, outcome.message);
        }
        case 'in-progress':
          // the same commit under the same token: a fresh one could be applied beside it
          await sleep(fullJitterMs(BACKOFF, attempt, random));
      }
    }
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
    // no read yet: the size of an event does not depend on its sequence
    const sized = assemble(guarded, known(new Map(groups.map((group) => [group, ANY_HEAD]))));
    assertLimits(sized.commit, guarded.guards.length);

    for (let attempt = 1; ; attempt++) {
      const isSized = attempt === 1 && groups.length === 0;
      const { events, commit } = isSized ? sized : assemble(guarded, known(await headsOf(groups)));
      const obstacle = await tryCommit({ ...commit, token: ids.newToken() }, guarded, behind);
      if (obstacle === undefined) return events;
      if (attempt >= maxAttempts) throw givenUp(obstacle, guarded.work, attempt);
      await sleep(fullJitterMs(BACKOFF, attempt, random));
    }
  };
}

function refusalOf({ writes }: CollectedWork, index: number, item: Item | undefined): Error {
  const write = writes[index];
  if (write === undefined) throw new RangeError(`the store names write ${index} of ${writes.length}`);
  return write.refused?.() ?? conditionError(write, index, item);
}

const sharedGroupsOf = ({ publications }: CollectedWork): readonly string[] => {
  const grouped = publications.filter(({ draft }) => draft.grouped);
  return [...new Set(grouped.map(({ draft }) => draft.envelope.partitionkey))];
};

/** What DynamoDB finds wrong with the call as a whole: a mistake in a program, whoever else writes. */
const REQUEST_REFUSALS = new Set(['ValidationException', 'ResourceNotFoundException']);

function requestRefusal(error: unknown, { writes }: CollectedWork): Error | undefined {
  if (!(error instanceof Error) || !REQUEST_REFUSALS.has(error.name)) return undefined;
  if (error.message.includes(ITEM_TWICE_MESSAGE)) return itemTwiceOf(writes);
  return new OutboxRequestError(
    writes.map(({ item, keyNames }, index) => subjectOf(item, index, keyNames)),
    error,
  );
}

const describeHead = ({ group, from }: HeadMove) => `'${group}' was read at ${from}`;

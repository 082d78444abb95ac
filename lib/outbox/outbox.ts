import type { CloudEvent } from '../contracts/index.ts';
import { draftEvent, type EventContext, type EventIds, type EventMaker, sealEvent } from '../event/index.ts';
import { type Backoff, fullJitterMs, type Sleep } from '../shared/backoff.ts';
import { addMs, type EpochSeconds, toEpochSeconds } from '../shared/time.ts';
import type { Tenancy } from '../tenancy/index.ts';
import { assertLimits } from './assert-limits.ts';
import { assignSequences, groupsWithHead } from './assign-sequences.ts';
import { conditionError } from './condition-error.ts';
import { OutboxContentionError, OutboxWriteError, SequenceTakenError } from './errors.ts';
import type { GroupHead, GuardedWrite, HeadMove, OutboxCommit, OutboxStore, StoredEvent } from './ports.ts';
import { type CollectedWork, collectWork, type UnitOfWork } from './unit-of-work.ts';
import { subjectOf } from './write-subject.ts';

export interface OutboxOptions extends EventMaker {
  readonly store: OutboxStore;
  readonly ids: EventIds & {
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
  /** Says whose events they are. @default - whom the context names */
  readonly tenancy?: Pick<Tenancy, 'tenantOf'>;
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
   * @throws OutboxLimitError `OUTBOX_LIMIT_EXCEEDED`: larger than DynamoDB or the bus takes; nothing was sent
   * @throws OutboxWriteError `OUTBOX_WRITE_REFUSED`: DynamoDB refuses a write as it is
   * @throws TenantMissingError `TENANT_MISSING`: an event of no tenant, where the deployment requires one; nothing was sent
   * @throws TenantMismatchError `TENANT_MISMATCH`: the context names another tenant than the one at work
   * @throws SequenceTakenError `OUTBOX_SEQUENCE_TAKEN`: a sequence that the caller gave is used already
   */
  transact<Value>(
    work: (tx: UnitOfWork) => Value | Promise<Value>,
    context?: EventContext,
    guards?: readonly GuardedWrite[],
  ): Promise<TransactResult<Value>>;
}

/** Enough for some ten producers that hit one group at once. */
export const DEFAULT_MAX_ATTEMPTS = 12;

/** A transaction takes some 10 ms: the first wait is about two of them. */
const BACKOFF: Backoff = { baseMs: 25, capMs: 1_000 };

/** As large as a head can make its events. */
const ANY_HEAD: GroupHead = { last: 0, lastExpires: 9_999_999_999 as EpochSeconds };

interface Guarded {
  readonly work: CollectedWork;
  readonly guards: readonly GuardedWrite[];
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { store, clock, ids, sleep, random, retentionSeconds, maxAttempts = DEFAULT_MAX_ATTEMPTS, tenancy } = options;

  /** At each event: the work may take turns for several tenants. */
  const ownedBy = <C extends EventContext>({ tenantId: named, ...context }: C, what: string) => {
    const tenantId = tenancy === undefined ? named : tenancy.tenantOf(named, what);
    return tenantId === undefined ? context : { ...context, tenantId };
  };

  const assemble = ({ work, guards }: Guarded, lastUsed: ReadonlyMap<string, GroupHead>, token: string) => {
    const committedAt = clock.now();
    const expires = toEpochSeconds(addMs(committedAt, retentionSeconds * 1000));
    const { sequences, previousExpires, heads } = assignSequences(work.publications, lastUsed, expires);
    const events = work.publications.map(({ draft }, index) => sealEvent(draft, sequences[index] ?? 0));
    const stored = events.map(
      (event, index): StoredEvent => ({
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
    const writes = [...guards.map(({ write }) => write), ...work.writes];
    return { events, commit: { token, writes, heads, events: stored } };
  };

  const commitWork = async (guarded: Guarded): Promise<readonly CloudEvent[]> => {
    const groups = groupsWithHead(guarded.work.publications);
    // no read yet: the size of an event does not depend on its sequence
    assertLimits(assemble(guarded, new Map(groups.map((group) => [group, ANY_HEAD])), '').commit);

    let lastReason = '';
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      if (attempt > 1) await sleep(fullJitterMs(BACKOFF, attempt - 1, random));
      const lastUsed = groups.length === 0 ? new Map<string, GroupHead>() : await store.readHeads(groups);
      const { events, commit } = assemble(guarded, lastUsed, ids.newToken());
      const outcome = await settle(commit, guarded);
      if (outcome === 'committed') return events;
      lastReason = outcome;
    }
    throw new OutboxContentionError(groups, maxAttempts, lastReason);
  };

  /** @returns 'committed', or why another attempt may succeed */
  const settle = async (commit: OutboxCommit, { work, guards }: Guarded): Promise<string> => {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const outcome = await store.commit(commit);
      switch (outcome.kind) {
        case 'committed':
          return 'committed';
        case 'head-moved':
          return `the head of a group moved: ${commit.heads.map(describeHead).join(', ')}`;
        case 'conflict':
          return outcome.reason;
        case 'condition-failed':
          throw (
            guards[outcome.index]?.refused() ??
            work.refusals.get(outcome.index - guards.length)?.() ??
            conditionError(commit.writes.slice(guards.length), outcome.index - guards.length, outcome.item)
          );
        case 'sequence-taken':
          throw new SequenceTakenError(outcome.event.type, outcome.event.group, outcome.event.sequence);
        case 'write-refused':
          throw new OutboxWriteError(
            subjectOf(commit.writes[outcome.index] ?? {}, outcome.index - guards.length),
            outcome.code,
            outcome.message,
          );
        case 'in-progress':
          // the same commit under the same token: a fresh one could be applied beside it
          await sleep(fullJitterMs(BACKOFF, attempt, random));
      }
    }
    return 'the same transaction is still in progress';
  };

  return {
    async transact(work, context = {}, guards = []) {
      const eventContext = { ...context, correlationId: context.correlationId ?? ids.newCorrelationId() };
      const unit = collectWork((definition, data, hops) =>
        draftEvent(definition, data, { ...ownedBy(eventContext, `'${definition.type}'`), hops }, options),
      );
      try {
        const value = await work(unit.tx);
        unit.close();
        const collected = await unit.collected();
        const isEmpty = guards.length + collected.writes.length + collected.publications.length === 0;
        return { value, events: isEmpty ? [] : await commitWork({ work: collected, guards }) };
      } finally {
        unit.close();
      }
    },
  };
}

const describeHead = ({ group, from }: HeadMove) => `'${group}' was read at ${from}`;

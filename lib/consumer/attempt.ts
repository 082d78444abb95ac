import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import { type CloudEvent, findEventType, hasCode, METRIC, ownMember } from '../definitions/index.ts';
import { causedBy, principalOf, readEvent } from '../event/index.ts';
import type { GuardedWrite, Outbox } from '../outbox/index.ts';
import { inTime } from '../shared/deadline.ts';
import { loggable } from '../shared/thrown.ts';
import type { Clock, EpochMs } from '../shared/time.ts';
import { type Tenancy, type TenantDirectory, TenantInactiveError } from '../tenancy/index.ts';
import { type AfterCommit, collectAfterCommit } from './after-commit.ts';
import { describeFailure, type Failure, isLostRace, isOvertaken } from './error-policy.ts';
import { EventTypeUnknownError, HandlerDeadlineError, type InboxBusyError } from './errors.ts';
import type { EventHandler, HandlerContext, SubscriptionHandlers } from './handlers.ts';
import { skippedCompletion } from './inbox-record.ts';
import type { SerializedEvent } from './message.ts';
import type { Inbox, InboxClaim } from './ports.ts';

export interface AttemptDeps {
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Runs each event as its tenant. @default - events run without a tenant */
  readonly tenancy?: Tenancy;
  /** Events of a tenant that is not active wait until it is. @default - every tenant is active */
  readonly tenants?: TenantDirectory | undefined;
}

export interface Invocation {
  readonly context: Context;
  /** Aborted shortly before the invocation times out. */
  readonly signal: AbortSignal;
}

/** Of an event of a group. */
export interface AttemptTerms {
  /** Committed with the handler's writes. */
  readonly guards?: readonly GuardedWrite[];
  /** Of the group's cursor. */
  readonly generation?: number;
  /** Whether an operator replays the event. */
  readonly isReplay?: boolean;
}

/** The result of one attempt to handle an event. */
export type Attempt =
  /** The handler's writes and the guards were committed; of a handler that skipped the event only the guards. */
  | { readonly kind: 'handled' }
  /** The event was handled before; nothing was committed now. */
  | { readonly kind: 'duplicate' }
  /** Another execution committed first; nothing was written. */
  | { readonly kind: 'overtaken' }
  /** Another execution is handling the event, until `until` at the latest. */
  | { readonly kind: 'busy'; readonly until: EpochMs }
  | { readonly kind: 'failed'; readonly failure: Failure };

/**
 * Runs the handler of a serialized event once, and commits its writes together with the inbox record and `guards`.
 * Never throws.
 * @param log becomes the handler's logger, with the event's ids in every line
 */
export async function attemptEvent(
  content: SerializedEvent,
  served: SubscriptionHandlers,
  deps: AttemptDeps,
  invocation: Invocation,
  log: Logger,
  { guards = [], generation = 0, isReplay = false }: AttemptTerms = {},
): Promise<Attempt> {
  const { metrics, clock, tenancy, tenants } = deps;
  const count = countFor(deps);
  let tenantId: string | undefined;
  const following = collectAfterCommit(log, invocation.signal);
  try {
    if (content.event === undefined) throw content.problem;
    const received = content.event;
    tenantId = received.tenantid;
    log.appendKeys(logKeysOf(received));
    if (tenantId !== undefined && tenants !== undefined && !(await tenants.isActive(tenantId))) {
      throw new TenantInactiveError(tenantId);
    }
    const asItsTenant = <Value>(work: () => Value) =>
      tenancy === undefined ? work() : tenancy.runAsTenant(received.tenantid, work);
    const result = await asItsTenant(() =>
      handleOnce(received, served, deps, invocation, log, { guards, generation, isReplay, following }),
    );
    if (typeof result === 'object') {
      count(METRIC.eventsSkipped, tenantId);
      log.info('event skipped by its handler', { reason: result.skipped });
      return { kind: 'handled' };
    }
    if (result === 'duplicate') {
      metrics.addMetric(METRIC.duplicatesSkipped, MetricUnit.Count, 1);
      log.info('duplicate skipped: the event was handled before');
      return { kind: 'duplicate' };
    }
    const commitToHandledMs = Math.max(clock.now() - Date.parse(received.time), 0);
    count(METRIC.eventsHandled, tenantId);
    metrics.addMetric(METRIC.commitToHandled, MetricUnit.Milliseconds, commitToHandledMs);
    log.info('event handled', { commit_to_handled_ms: commitToHandledMs });
    await asItsTenant(following.run);
    return { kind: 'handled' };
  } catch (error) {
    if (isOvertaken(error)) {
      metrics.addMetric(METRIC.racesLost, MetricUnit.Count, 1);
      log.info('overtaken by another execution', { error_code: error.code });
      return { kind: 'overtaken' };
    }
    if (hasCode(error, 'INBOX_BUSY')) {
      log.info('another execution is handling the event');
      return { kind: 'busy', until: (error as InboxBusyError).until };
    }
    const failure = describeFailure(error, served.subscription);
    if (hasCode(error, 'TENANT_INACTIVE')) {
      metrics.addMetric(METRIC.eventsOfInactiveTenants, MetricUnit.Count, 1);
      log.info('the event waits: its tenant is not active');
      return { kind: 'failed', failure };
    }
    count(METRIC.eventsFailed, tenantId);
    log.error('event failed', { error: loggable(error), error_code: failure.code, permanent: failure.permanent });
    return { kind: 'failed', failure };
  }
}

/** Counts a metric for the consumer and, if the event has a tenant, for the tenant. */
const countFor =
  ({ metrics, tenancy }: AttemptDeps) =>
  (name: string, tenantId: string | undefined): void => {
    metrics.addMetric(name, MetricUnit.Count, 1);
    if (tenancy?.mode !== 'required' || tenantId === undefined) return;
    // a separate line: dimensions apply to all metrics of a line, and a batch holds events of several tenants
    metrics.singleMetric().addDimension('tenant_id', tenantId).addMetric(name, MetricUnit.Count, 1);
  };

interface HandleOptions extends Required<AttemptTerms> {
  readonly following: AfterCommit;
}

async function handleOnce(
  received: CloudEvent,
  { subscription, handlers }: SubscriptionHandlers,
  { inbox, outbox }: AttemptDeps,
  { context, signal }: Invocation,
  log: Logger,
  { guards, generation, isReplay, following }: HandleOptions,
): Promise<'handled' | 'duplicate' | { readonly skipped: string }> {
  const definition = findEventType(subscription.events, received);
  const handler: EventHandler<NonNullable<typeof definition>> | undefined = ownMember(handlers, received.type);
  if (definition === undefined || handler === undefined) throw new EventTypeUnknownError(received, subscription);
  const event = await readEvent(definition, received);
  const idempotencyKey = `${subscription.name}/${event.source}/${event.id}`;
  const principal = principalOf(received);
  let skipped: string | undefined;
  const skip = (reason: string): never => {
    if (typeof reason !== 'string' || reason.trim() === '') {
      throw new TypeError(
        `skip needs a reason as text, got ${typeof reason === 'string' ? 'an empty one' : typeof reason}`,
      );
    }
    skipped = reason;
    throw new SkippedError();
  };
  const run = async (tx: HandlerContext['tx']) => {
    following.forget();
    skipped = undefined;
    const { afterCommit } = following;
    const replay = isReplay ? { generation } : undefined;
    await handler(event, { tx, log, signal, principal, idempotencyKey, replay, skip, afterCommit });
    // the handler may have caught it
    if (skipped !== undefined) throw new SkippedError();
  };
  // a handler that exceeds the deadline keeps running, but its unit of work is closed, so it writes nothing
  const late = () => new HandlerDeadlineError(event.type);
  const result = await inbox.once(
    { source: received.source, id: received.id, generation },
    async ({ completion, assertOpen }) => {
      const cause = causedBy(received);
      const work = (tx: HandlerContext['tx']) => inTime(run(tx), signal, late);
      const transact = async () => {
        try {
          await outbox.transact(work, cause, [completion, ...guards]);
        } catch (error) {
          if (skipped === undefined || hasCode(error, 'HANDLER_DEADLINE')) throw error;
          following.forget();
          await outbox.transact(() => undefined, cause, [skippedCompletion(completion, skipped), ...guards]);
        }
      };
      await rerunOnConflict(transact, assertOpen, log);
    },
    context,
  );
  return result === 'handled' && skipped !== undefined ? { skipped } : result;
}

/** Ends a handler that skips its event. */
class SkippedError extends Error {
  constructor() {
    super('the handler skips the event');
  }
}

const logKeysOf = (event: CloudEvent) => ({
  event_id: event.id,
  event_type: event.type,
  group: event.partitionkey,
  sequence: event.sequence,
  correlation_id: event.correlationid,
  causation_id: event.causationid,
  traceparent: event.traceparent,
  tenant_id: event.tenantid,
});

/** A rerun rarely conflicts twice. After this many conflicts the condition probably never holds. */
const MAX_RUNS = 5;

/**
 * Reruns a unit of work at once if one of its own conditions fails, because another writer changed what it had read.
 * This is not a failure of the event and needs no wait.
 */
async function rerunOnConflict<Result>(
  work: () => Promise<Result>,
  assertOpen: InboxClaim['assertOpen'],
  log: Logger,
): Promise<Result> {
  for (let run = 1; ; run++) {
    try {
      return await work();
    } catch (error) {
      if (!isLostRace(error) || run === MAX_RUNS) throw error;
      // the writer may have been an earlier execution of the same event
      await assertOpen(error);
      log.info('write conflict: running the handler again', { condition: error.message });
    }
  }
}

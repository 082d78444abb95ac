import type { CloudEvent, EventReference, TenantResolver } from '../definitions/index.ts';
import { draftEvent, type EventContext, type EventIds, type EventMaker } from '../event/index.ts';
import { toTimestamp } from '../shared/time.ts';
import { type CommitOptions, createCommitWork } from './commit-work.ts';
import type { GuardedWrite } from './ports.ts';
import { collectWork, type UnitOfWork } from './unit-of-work.ts';

export interface OutboxOptions extends EventMaker, CommitOptions {
  readonly ids: EventIds & CommitOptions['ids'];
  /** Resolves the tenant of events. @default - the tenant in the context */
  readonly tenancy?: TenantResolver;
}

export interface TransactResult<Value> {
  /** The function's return value. */
  readonly value: Value;
  /** The committed events, in the order of publishing. */
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
   * @param guards are part of the transaction, which is sent even if `work` collects nothing; if one fails, its error is
   * thrown. A function gets the value of `work`
   *
   * @throws OutboxConditionError `OUTBOX_CONDITION_FAILED`: a condition of the caller failed; not retried
   * @throws OutboxContentionError `OUTBOX_CONTENTION`: other transactions were first at every attempt
   * @throws OutboxThrottledError `OUTBOX_THROTTLED`: DynamoDB throttled every attempt
   * @throws OutboxUnsettledError `OUTBOX_UNSETTLED`: it is not known whether it was written
   * @throws ItemValueError `ITEM_VALUE_INVALID`: thrown by a write whose value DynamoDB cannot store
   * @throws OutboxLimitError `OUTBOX_LIMIT_EXCEEDED`: larger than DynamoDB or the bus allows; nothing was sent
   * @throws OutboxWriteError `OUTBOX_WRITE_REFUSED`: DynamoDB rejected a write
   * @throws TenantMissingError `TENANT_MISSING`: an event has no tenant but the deployment requires one; nothing was sent
   * @throws TenantMismatchError `TENANT_MISMATCH`: the context names a tenant other than the current one
   * @throws SequenceTakenError `OUTBOX_SEQUENCE_TAKEN`: the caller's sequence is already used
   * @throws SequenceGapError `OUTBOX_SEQUENCE_GAP`: the sequence before the caller's is missing
   * @throws SequenceMixedError `OUTBOX_SEQUENCE_MIXED`: the group's other events get their sequences from the other source: outbox or aggregate
   * @throws SequenceError `OUTBOX_SEQUENCE_INVALID`: the caller's sequences are not valid together
   */
  transact<Value>(
    work: (tx: UnitOfWork) => Value | Promise<Value>,
    context?: EventContext,
    guards?: readonly GuardedWrite[] | ((value: Value) => readonly GuardedWrite[]),
  ): Promise<TransactResult<Value>>;
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { ids, tenancy } = options;

  /** resolved at each event: the function may work for several tenants in turn */
  const ownedBy = <C extends EventContext>({ tenantId: named, ...context }: C, what: string) => {
    const tenantId = tenancy === undefined ? named : tenancy.tenantOf(named, what);
    return tenantId === undefined ? context : { ...context, tenantId };
  };

  const commitWork = createCommitWork(options);

  return {
    async transact(work, context = {}, guarding = []) {
      const { correlationId = '' } = context;
      // a caller's header may be present but empty
      const eventContext = { ...context, correlationId: correlationId === '' ? ids.newCorrelationId() : correlationId };
      const unit = collectWork(
        (definition, data, hops) =>
          draftEvent(definition, data, { ...ownedBy(eventContext, `'${definition.type}'`), hops }, options),
        () => ({
          at: toTimestamp(options.clock.now()),
          by: referenceTo(context.cause),
          principal: context.principal,
        }),
      );
      const run = async () => work(unit.tx);
      const value = await run().finally(unit.close);
      const collected = await unit.collected();
      const guards = typeof guarding === 'function' ? guarding(value) : guarding;
      const isEmpty = guards.length + collected.writes.length + collected.publications.length === 0;
      return { value, events: isEmpty ? [] : await commitWork({ work: collected, guards }) };
    },
  };
}

const referenceTo = (event: CloudEvent | undefined): EventReference | undefined =>
  event === undefined ? undefined : { source: event.source, id: event.id, type: event.type };

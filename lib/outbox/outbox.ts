import type { CloudEvent, TenantResolver } from '../contracts/index.ts';
import { draftEvent, type EventContext, type EventIds, type EventMaker } from '../event/index.ts';
import { type CommitOptions, createCommitWork } from './commit-work.ts';
import type { GuardedWrite } from './ports.ts';
import { collectWork, type UnitOfWork } from './unit-of-work.ts';

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
      const unit = collectWork((definition, data, hops) =>
        draftEvent(definition, data, { ...ownedBy(eventContext, `'${definition.type}'`), hops }, options),
      );
      const run = async () => work(unit.tx);
      const value = await run().finally(unit.close);
      const collected = await unit.collected();
      const isEmpty = guards.length + collected.writes.length + collected.publications.length === 0;
      return { value, events: isEmpty ? [] : await commitWork({ work: collected, guards }) };
    },
  };
}

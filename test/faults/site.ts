import { cursorKey, readCursor } from '../../lib/consumer/dynamodb-cursor-store.ts';
import { createConsumer } from '../../lib/consumer/index.ts';
import { type Claim, defineSubscription, type Subscription, type Takes, takesOf } from '../../lib/definitions/index.ts';
import type { NewEventRecord } from '../../lib/outbox/event-record.ts';
import { addMs, type EpochMs } from '../../lib/shared/time.ts';
import { createInMemoryFailureNotes } from '../../lib/testing/in-memory-failure-notes.ts';
import { isGrouped } from './committed.ts';
import { consumerOptionsIn, type Process, TABLES } from './consumer-in.ts';
import { ALL_EVENTS, SOME_EVENTS } from './events.ts';
import type { Execution } from './execution.ts';
import type { Foundation } from './foundation.ts';
import { createTempers, LEDGER_TABLE, type Tempers } from './handlers.ts';
import { reachNotes } from './ports/notes.ts';
import type { ConsumerPlan, EventPlan } from './schedule.ts';
import type { Target } from './services/bus.ts';
import { createEventSource } from './services/event-source.ts';
import { createFifoQueue, type FifoQueue } from './services/fifo-queue.ts';
import { sqsIn } from './services/sqs.ts';
import { STARTS_AT } from './simulation.ts';

/** A consumer as it is deployed: its rule, queue, DLQ and function. */
export interface Site extends Target {
  readonly subscription: Subscription;
  readonly plan: ConsumerPlan;
  readonly createdAt: EpochMs;
  readonly queue: FifoQueue;
  readonly tempers: Tempers;
  /** What an operator's command, or an invocation, has at hand. */
  processIn(execution: Execution): Process;
  /** Events that were published before there was a rule, and never after. */
  readonly missed: Set<NewEventRecord>;
  /** Events that the rule has matched. */
  readonly routed: ReadonlySet<NewEventRecord>;
  /** Groups whose dead letters somebody has deleted: until one of their events is resent, nothing sets them going. */
  readonly purged: Set<string>;
  /** What it takes in the end. */
  readonly takes: Takes;
  /** What its code has taken at any time. */
  readonly hasTaken: Takes;
  /** Whether a deployment changes that it takes the type: until then the cursor may go past an event. */
  readonly isToggled: Takes;
  /** Whether the log brings the event without its message, once an event of its group is resent. */
  givesBack(event: NewEventRecord): boolean;
  /** Whether the event's place in its group counts. */
  ordersBy(event: NewEventRecord): boolean;
  isQuiet(): boolean;
}

/** How long executions of old and new code overlap. */
const OVERLAP_MS = 8_000;

const eventsOf = (takes: ConsumerPlan['takes']) => (takes === 'all' ? ALL_EVENTS : SOME_EVENTS);

const TIMEOUT_MS = 3_000;

export function createSite(
  plan: ConsumerPlan,
  index: number,
  plans: ReadonlyMap<number, EventPlan>,
  base: Foundation,
): Site {
  const { sim, dealer, lambda, dynamodb, committed, planted } = base;
  const { ordering, maxReceiveCount, visibilityTimeoutSeconds } = plan;
  const name = `${ordering}-${index}`;
  const subscription = defineSubscription({
    name,
    events: eventsOf(plan.takes),
    ordering,
    retry: { baseSeconds: 1, capSeconds: 5 },
    ...(ordering === 'strict' ? { startFrom: plan.startFrom } : {}),
  });
  const { update } = plan;
  const updated = update === undefined ? subscription : { ...subscription, events: eventsOf(update.takes) };
  const updatedAt = addMs(STARTS_AT, update?.atMs ?? 0);
  const rulesAt = addMs(updatedAt, update?.ruleAfterMs ?? 0);
  const tookBefore = takesOf(subscription.events);
  const takes = takesOf(updated.events);
  const isToggled: Takes = (event) => takes(event) !== tookBefore(event);
  const ruleTakes: Takes = (event) => (sim.now() >= rulesAt ? takes(event) : tookBefore(event));
  /** For a while after a deployment, executions of the old code go on beside those of the new. */
  const isOldCode = () =>
    update !== undefined && (sim.now() < updatedAt || (sim.now() < addMs(updatedAt, OVERLAP_MS) && sim.random() < 0.5));
  const { claim = 'commit', reclaimedAtMs } = plan;
  /** Once it changes, executions of both forms go on side by side for a while. */
  const claimNow = (): Claim => {
    const changedMs = reclaimedAtMs === undefined ? -1 : sim.now() - STARTS_AT - reclaimedAtMs;
    if (changedMs < 0 || (changedMs < OVERLAP_MS && sim.random() < 0.5)) return claim;
    return claim === 'commit' ? 'before' : 'commit';
  };
  // SQS tells whole seconds
  const createdAt = addMs(STARTS_AT, Math.floor(plan.deployedAtMs / 1000) * 1000);
  const hasEffect = (eventId: string) =>
    dynamodb.items(LEDGER_TABLE).some((item) => item['consumer']?.S === name && item['eventId']?.S === eventId);
  const tempers = createTempers(subscription, index === 0, plans, dealer, hasEffect);
  const ordersBy = (event: NewEventRecord) => ordering === 'strict' && isGrouped(event);
  /** What the cursor has gone past, only its message brings again. */
  const givesBack = (event: NewEventRecord) => {
    const item = dynamodb.get(TABLES.cursors, cursorKey({ consumer: name, group: event.group }));
    return ordersBy(event) && (item === undefined || readCursor(item).processed < event.sequence);
  };
  const notes = createInMemoryFailureNotes(sim);
  const settings = { subscription, maxReceiveCount, visibilityTimeoutSeconds };

  const processIn = (execution: Execution): Process => {
    let sent = 0;
    return {
      dynamodb: dynamodb.clientIn(execution),
      sqs: sqsIn(execution, queue, createdAt),
      clock: sim,
      sleep: execution.sleep,
      random: sim.random,
      signalAfter: sim.signalAfter,
      newDeduplicationId: () => {
        sent += 1;
        return `${execution.name} resend ${sent}`;
      },
      outbox: base.outboxIn(execution),
      notes: reachNotes(notes, execution),
    };
  };

  const source = createEventSource({
    sim,
    dealer,
    queue: () => queue,
    batchSize: plan.batchSize,
    invoke: (event, done) =>
      lambda.invoke(
        name,
        TIMEOUT_MS,
        async (execution, context) => {
          for (const { messageId, body, attributes } of event.Records) {
            const { group, sequence } = committed.byBody(body);
            base.trace(
              `${execution.name}: received ${messageId} ${group} ${sequence}, receive ${attributes.ApproximateReceiveCount}`,
            );
          }
          const served = tempers.handlers(execution, isOldCode() ? subscription : updated);
          const response = await createConsumer(
            planted.served?.(served) ?? served,
            consumerOptionsIn(processIn(execution), { ...settings, claim: claimNow() }, planted),
          )(event, context);
          return planted.response?.(response, event, served.subscription) ?? response;
        },
        done,
      ),
  });
  const queue = createFifoQueue({
    sim,
    maxReceiveCount,
    visibilityTimeoutMs: visibilityTimeoutSeconds * 1000,
    groupLock: plan.groupLock ?? 'behind',
    onAvailable: source.wake,
    onDeadLetter: ({ body }) => {
      dealer.count('dead letter');
      base.trace(`${name}: ${committed.byBody(body).group} ${committed.byBody(body).sequence} goes to the DLQ`);
    },
    // retention is days, executions of old code end within minutes: what a deployment has added is not that old beside them
    mayExpire: ({ body }) => givesBack(committed.byBody(body)) && !isToggled(committed.byBody(body)),
    onExpired: ({ body }) => {
      const event = committed.byBody(body);
      base.trace(`${name}: retention takes the message of ${event.group} ${event.sequence}`);
      // as with a dead letter that was deleted: the group goes on when its event is resent
      purged.add(event.group);
      lost.add(event);
    },
  });

  const missed = new Set<NewEventRecord>();
  const purged = new Set<string>();
  const lost = new Set<NewEventRecord>();
  const delivered = new Set<NewEventRecord>();
  const routed = new Set<NewEventRecord>();
  return {
    subscription,
    plan,
    createdAt,
    queue,
    tempers,
    processIn,
    missed,
    purged,
    takes,
    hasTaken: (event) => takes(event) || tookBefore(event),
    isToggled,
    routed,
    ordersBy,
    givesBack,
    isQuiet: () => source.running() === 0,
    undeliverable: new Set(),
    lost,
    delivered,
    findsWhatIsLost: ordersBy,
    matches(event) {
      if (!ruleTakes(event)) return false;
      if (sim.now() >= createdAt) {
        routed.add(event);
        return true;
      }
      if (!delivered.has(event)) missed.add(event);
      return false;
    },
    deliver(event) {
      missed.delete(event);
      queue.send(plan.queueGroups === 'apart' ? `apart-${event.id}` : event.group, event.body, event.body);
    },
  };
}

import type { EngineClock } from '../clock.ts';
import type { DynamoDbFaults } from '../dynamodb/faults.ts';
import type { EventBridgeFaults } from '../eventbridge/faults.ts';
import type { LambdaFaults } from '../lambda/faults.ts';
import type { SchedulerFaults } from '../scheduler/faults.ts';
import type { SqsFaults } from '../sqs/faults.ts';
import type { Deployment } from '../template/deployment.ts';
import { createBusFaults } from './bus-faults.ts';
import { createCallFaults } from './call-faults.ts';
import { createDice } from './dice.ts';
import { createDynamoDbFaults } from './dynamodb-faults.ts';
import { checkPlan, type FaultPlan } from './fault-plan.ts';
import { createFaultRecord, type InjectedFault } from './fault-record.ts';
import type { Intercept } from './intercept.ts';
import { createInvocations } from './invocations.ts';
import { createQueueFaults } from './queue-faults.ts';
import { createRepeatedRecords } from './repeated-records.ts';
import { createSchedulerFaults } from './scheduler-faults.ts';
import { createSpares } from './spares.ts';
import type { PartitionKeyOf } from './touched-partitions.ts';

/** Carries a fault plan out; its hooks do nothing before it is armed. */
export interface FaultInjector {
  readonly dynamoDb: DynamoDbFaults;
  readonly eventBridge: EventBridgeFaults;
  readonly scheduler: SchedulerFaults;
  readonly lambda: LambdaFaults;
  readonly sqs: SqsFaults;
  readonly intercept: Intercept;
  /** Begins; the queues tell how many receives a message has. */
  arm(deployment: Pick<Deployment, 'queues'>): void;
  /** From now on these queues are there. */
  follow(deployment: Pick<Deployment, 'queues'>): void;
  /** Nothing new goes wrong from now on. */
  disarm(): void;
  /** What was done so far. */
  injected(): readonly InjectedFault[];
  /** Calls of frozen workers that have yet to arrive. */
  late(): number;
}

/**
 * @param partitionKeyOf of the run's tables; without it no partition gets hot
 * @throws FaultPlanError `LOCAL_FAULT_PLAN_INVALID`
 */
export function createFaultInjector(
  plan: FaultPlan,
  clock: EngineClock,
  partitionKeyOf: PartitionKeyOf = () => undefined,
): FaultInjector {
  checkPlan(plan);
  const dice = createDice(plan.seed);
  const record = createFaultRecord(plan, clock);
  const spares = createSpares(plan);
  const deps = { plan, dice, record, spares, clock };
  const invocations = createInvocations(deps);
  const calls = createCallFaults({ ...deps, invocations, partitionKeyOf });
  const bus = createBusFaults(deps);
  const dynamoDb = createDynamoDbFaults({ ...deps, invocations });
  const repeatedRecords = createRepeatedRecords(deps);
  const scheduler = createSchedulerFaults(deps);
  const queues = createQueueFaults(deps);
  let isArmed = false;

  const follow = ({ queues }: Pick<Deployment, 'queues'>) =>
    spares.learn(
      new Map(
        queues.flatMap(({ queueName, maxReceiveCount }) =>
          maxReceiveCount === undefined ? [] : [[queueName, maxReceiveCount]],
        ),
      ),
    );

  return {
    dynamoDb: {
      oldestStateMs: () => (isArmed ? dynamoDb.oldestStateMs() : 0),
      onRead: (read) => (isArmed ? dynamoDb.onRead(read) : undefined),
      onTransaction: (transaction) => (isArmed ? dynamoDb.onTransaction(transaction) : undefined),
      onCancelled: (cancelled) => (isArmed ? dynamoDb.onCancelled(cancelled) : undefined),
      onExpiry: (item) => (isArmed ? dynamoDb.onExpiry(item) : undefined),
      onStreamRecord: (record) => (isArmed ? dynamoDb.onStreamRecord(record) : undefined),
    },
    scheduler: { onDue: (due) => (isArmed ? scheduler.onDue(due) : undefined) },
    eventBridge: {
      onDelivery: (delivery) => (isArmed ? bus.onDelivery?.(delivery) : undefined),
      onAttempt: (...attempt) => (isArmed ? bus.onAttempt?.(...attempt) : undefined),
    },
    sqs: {
      onReceive: (received) => (isArmed ? queues.onReceive(received) : undefined),
      onSend: (queueName) => (isArmed ? queues.onSend(queueName) : undefined),
      onCounts: (queueName) => (isArmed ? queues.onCounts(queueName) : undefined),
    },
    lambda: {
      onInvocation: (facts) => (isArmed ? invocations.hooks.onInvocation(facts) : undefined),
      onAdmission: (asked) => (isArmed ? invocations.hooks.onAdmission?.(asked) : undefined),
      onInvocationEnd: invocations.hooks.onInvocationEnd,
      onStreamBatch: (batch) => (isArmed ? repeatedRecords.onStreamBatch(batch) : undefined),
    },
    intercept: (call, next) => (isArmed ? calls.intercept(call, next) : next()),
    arm(deployment) {
      follow(deployment);
      isArmed = true;
    },
    follow,
    disarm() {
      isArmed = false;
    },
    injected: record.all,
    late: calls.late,
  };
}

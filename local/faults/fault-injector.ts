import type { EngineClock } from '../clock.ts';
import type { EventBridgeFaults } from '../eventbridge/faults.ts';
import type { LambdaFaults } from '../lambda/faults.ts';
import type { Deployment } from '../template/deployment.ts';
import { createBusFaults } from './bus-faults.ts';
import { createCallFaults } from './call-faults.ts';
import { createDice } from './dice.ts';
import { checkPlan, type FaultPlan } from './fault-plan.ts';
import { createFaultRecord, type InjectedFault } from './fault-record.ts';
import type { Intercept } from './intercept.ts';
import { createInvocations } from './invocations.ts';
import { createSpares } from './spares.ts';

/** Carries a fault plan out; its hooks do nothing before it is armed. */
export interface FaultInjector {
  readonly eventBridge: EventBridgeFaults;
  readonly lambda: LambdaFaults;
  readonly intercept: Intercept;
  /** Begins; the queues tell how many receives a message has. */
  arm(deployment: Pick<Deployment, 'queues'>): void;
  /** From now on these queues are there. */
  follow(deployment: Pick<Deployment, 'queues'>): void;
  /** What was done so far. */
  injected(): readonly InjectedFault[];
  /** Calls of frozen workers that have yet to arrive. */
  late(): number;
}

/** @throws FaultPlanError `LOCAL_FAULT_PLAN_INVALID` */
export function createFaultInjector(plan: FaultPlan, clock: EngineClock): FaultInjector {
  checkPlan(plan);
  const dice = createDice(plan.seed);
  const record = createFaultRecord(plan, clock);
  const spares = createSpares(plan);
  const deps = { plan, dice, record, spares, clock };
  const invocations = createInvocations(deps);
  const calls = createCallFaults({ ...deps, invocations });
  const bus = createBusFaults(deps);
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
    eventBridge: { onDelivery: (delivery) => (isArmed ? bus.onDelivery?.(delivery) : undefined) },
    lambda: {
      onInvocation: (facts) => (isArmed ? invocations.hooks.onInvocation(facts) : undefined),
      onInvocationEnd: invocations.hooks.onInvocationEnd,
    },
    intercept: (call, next) => (isArmed ? calls.intercept(call, next) : next()),
    arm(deployment) {
      follow(deployment);
      isArmed = true;
    },
    follow,
    injected: record.all,
    late: calls.late,
  };
}

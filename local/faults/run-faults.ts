import type { EngineClock } from '../clock.ts';
import type { DynamoDbFaults } from '../dynamodb/faults.ts';
import type { JsonService, RestService } from '../endpoint/service.ts';
import type { EventBridgeFaults } from '../eventbridge/eventbridge.ts';
import type { LambdaFaults } from '../lambda/faults.ts';
import type { RunLog } from '../log.ts';
import type { SchedulerFaults } from '../scheduler/faults.ts';
import type { SqsFaults } from '../sqs/faults.ts';
import type { Deployment } from '../template/deployment.ts';
import { createFaultInjector } from './fault-injector.ts';
import { type FaultPlan, kindsOf } from './fault-plan.ts';
import type { InjectedFault } from './fault-record.ts';
import { interceptJson, interceptRest } from './intercept.ts';
import type { PartitionKeyOf } from './touched-partitions.ts';

/** Hooks of one's own. */
export interface RunFaults {
  readonly dynamoDb?: DynamoDbFaults | undefined;
  readonly scheduler?: SchedulerFaults | undefined;
  readonly eventBridge?: EventBridgeFaults | undefined;
  readonly lambda?: LambdaFaults | undefined;
  readonly sqs?: SqsFaults | undefined;
}

/** Faults where a run needs them; without a plan, services stay as they are. */
export interface OpenFaults extends RunFaults {
  around<Service extends JsonService>(service: Service): Service;
  aroundRest(service: RestService): RestService;
  arm(deployment: Pick<Deployment, 'queues'>, log: RunLog): void;
  /** The deployment has changed. */
  follow(deployment: Pick<Deployment, 'queues'>): void;
  /** Nothing new goes wrong from now on: whoever looks sees what is there. */
  disarm(): void;
  /** Goes on after that. */
  resume(deployment: Pick<Deployment, 'queues'>): void;
  injected(): readonly InjectedFault[];
  /** In words. */
  unsettled(): readonly string[];
}

/**
 * @param partitionKeyOf of the run's tables
 * @throws FaultPlanError `LOCAL_FAULT_PLAN_INVALID`
 */
export function openFaults(
  given: FaultPlan | RunFaults | undefined,
  clock: EngineClock,
  partitionKeyOf: PartitionKeyOf,
): OpenFaults {
  if (given === undefined || !('rules' in given)) {
    return {
      ...given,
      around: (service) => service,
      aroundRest: (service) => service,
      arm: () => {},
      follow: () => {},
      disarm: () => {},
      resume: () => {},
      injected: () => [],
      unsettled: () => [],
    };
  }
  const injector = createFaultInjector(given, clock, partitionKeyOf);
  return {
    dynamoDb: injector.dynamoDb,
    scheduler: injector.scheduler,
    eventBridge: injector.eventBridge,
    lambda: injector.lambda,
    sqs: injector.sqs,
    around: (service) => interceptJson(service, injector.intercept),
    aroundRest: (service) => interceptRest(service, injector.intercept),
    arm(deployment, log) {
      injector.arm(deployment);
      log('warn', 'run', `faults on: seed ${given.seed}`, { kinds: kindsOf(given) });
    },
    follow: injector.follow,
    disarm: injector.disarm,
    resume: injector.arm,
    injected: injector.injected,
    unsettled() {
      const late = injector.late();
      return late === 0 ? [] : [`faults: ${late} ${late === 1 ? 'call' : 'calls'} of frozen workers yet to arrive`];
    },
  };
}

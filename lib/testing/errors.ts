import { describeEventType, type EventTypeKey, type Subscription, WaybillError } from '../definitions/index.ts';
import type { StepOutcome } from './outcome.ts';

/** A test publishes an event to a consumer that does not subscribe to it. */
export class EventNotTakenError extends WaybillError {
  readonly code = 'TESTING_EVENT_NOT_TAKEN';

  constructor(event: EventTypeKey, { name, events }: Subscription) {
    super(
      `consumer '${name}' does not take ${describeEventType(event)}, it takes ${events.map(describeEventType).join(', ')}: add the event to its subscription, or use a consumer that takes it`,
    );
  }
}

/** A test calls the harness with invalid options, or at the wrong time. */
export class HarnessUseError extends WaybillError {
  readonly code = 'TESTING_MISUSED';
}

/** Events cause other events endlessly, or events fail endlessly. */
export class NoEndError extends WaybillError {
  readonly code = 'TESTING_NO_END';

  constructor(deliveries: number, underWay: readonly string[]) {
    super(
      `events are still in progress after ${deliveries} deliveries ('${underWay.join("', '")}'): check whether they cause each other endlessly, or raise maxDeliveries`,
    );
  }
}

/** A consumer could not handle a given event, so the test's precondition does not hold. */
export class GivenFailedError extends WaybillError {
  readonly code = 'TESTING_GIVEN_FAILED';

  constructor(consumer: string, type: string, outcome: Pick<StepOutcome, 'kind' | 'failure'> | undefined) {
    const { kind = 'a dead letter', failure } = outcome ?? {};
    super(
      `consumer '${consumer}' must handle the given event '${type}', but it is ${kind}${failure === undefined ? '' : `: ${failure.code}: ${failure.message}`}`,
      { cause: failure?.error },
    );
  }
}

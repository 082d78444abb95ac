import { describeEventType, type EventTypeKey, type Subscription, WaybillError } from '../definitions/index.ts';
import type { StepOutcome } from './outcome.ts';

/** A test asks for an event that its consumer would never get. */
export class EventNotTakenError extends WaybillError {
  readonly code = 'TESTING_EVENT_NOT_TAKEN';

  constructor(event: EventTypeKey, { name, events }: Subscription) {
    super(
      `consumer '${name}' does not take ${describeEventType(event)}, it takes ${events.map(describeEventType).join(', ')}: add the event to its subscription, or give it to the consumer that takes it`,
    );
  }
}

/** A test asks for what the harness cannot do now. */
export class HarnessUseError extends WaybillError {
  readonly code = 'TESTING_MISUSED';
}

/** Events beget events without end, or a consumer never comes to rest. */
export class NoEndError extends WaybillError {
  readonly code = 'TESTING_NO_END';

  constructor(deliveries: number, underWay: readonly string[]) {
    super(
      `after ${deliveries} deliveries events are still under way ('${underWay.join("', '")}'): does one cause the other without end? Else raise maxDeliveries`,
    );
  }
}

/** What was to be given has failed: the test would stand on sand. */
export class GivenFailedError extends WaybillError {
  readonly code = 'TESTING_GIVEN_FAILED';

  constructor(consumer: string, type: string, outcome: Pick<StepOutcome, 'kind' | 'failure'> | undefined) {
    const { kind = 'a dead letter', failure } = outcome ?? {};
    super(
      `consumer '${consumer}' was given '${type}' as something that has happened, but it is ${kind}${failure === undefined ? '' : `: ${failure.code}: ${failure.message}`}`,
      { cause: failure?.error },
    );
  }
}

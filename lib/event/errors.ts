import { WaybillError } from '../definitions/index.ts';
import { describeViolations, type SchemaViolation } from '../shared/schema-issues.ts';

/** An invalid value and its path, such as `total.minorUnits`. An empty path is the value itself. */
export type Violation = SchemaViolation;

/** An event's `data` does not satisfy the schema of its type. */
export class EventDataError extends WaybillError {
  readonly code = 'EVENT_DATA_INVALID';
  override readonly disposition = 'permanent';
  readonly eventType: string;
  readonly violations: readonly Violation[];

  constructor(eventType: string, version: number, violations: readonly Violation[], options?: ErrorOptions) {
    super(
      `data of '${eventType}' does not satisfy version ${version} of its schema: ${describeViolations(violations)}`,
      options,
    );
    this.eventType = eventType;
    this.violations = violations;
  }
}

/** A text is not a CloudEvent that Waybill can process. */
export class EventMalformedError extends WaybillError {
  readonly code = 'EVENT_MALFORMED';
  override readonly disposition = 'permanent';
  readonly violations: readonly Violation[];

  constructor(violations: readonly Violation[], options?: ErrorOptions) {
    super(`not a usable CloudEvent: ${describeViolations(violations)}`, options);
    this.violations = violations;
  }
}

/** An event has attributes that no consumer accepts. */
export class EventEnvelopeError extends WaybillError {
  readonly code = 'EVENT_ENVELOPE_INVALID';
  override readonly disposition = 'permanent';
  readonly eventType: string;
  readonly violations: readonly Violation[];

  constructor(eventType: string, violations: readonly Violation[]) {
    super(
      `'${eventType}' cannot be published, no consumer would accept it: ${describeViolations(violations)}: fix the event's definition, or the context in which it is published`,
    );
    this.eventType = eventType;
    this.violations = violations;
  }
}

/** An event has a group or a sequence that the services do not accept. */
export class EventPlaceError extends WaybillError {
  readonly code = 'EVENT_PLACE_INVALID';
  override readonly disposition = 'permanent';
}

/** An event has too many causes. Consumers probably publish to each other in a loop. */
export class HopLimitError extends WaybillError {
  readonly code = 'EVENT_HOP_LIMIT';
  override readonly disposition = 'permanent';

  constructor(eventType: string, hops: number, maxHops: number) {
    super(
      `'${eventType}' would be step ${hops} of a chain of events, allowed are up to ${maxHops}: look for consumers that publish to each other in a loop, or raise maxHops of the outbox`,
    );
  }
}

import type { JsonObject } from '../endpoint/service.ts';
import type { BusEvent } from './bus-event.ts';
import type { EventMatcher } from './pattern/event-pattern.ts';
import type { RetryPolicy } from './retry-policy.ts';
import type { ScheduleExpression } from './schedule-expression.ts';

export interface RuleIdentity {
  readonly name: string;
  readonly arn: string;
}

export interface Rule extends RuleIdentity {
  readonly busName: string;
  readonly enabled: boolean;
  readonly state: string;
  readonly description: string | undefined;
  readonly roleArn: string | undefined;
  readonly pattern: { readonly text: string; readonly matches: EventMatcher } | undefined;
  readonly schedule: ScheduleExpression | undefined;
  readonly targets: ReadonlyMap<string, Target>;
}

export interface Target {
  readonly id: string;
  readonly arn: string;
  /** The service part of the ARN: `sqs`. */
  readonly service: string;
  readonly input: TargetInput;
  readonly messageGroupId: GroupOfEvent | undefined;
  readonly retryPolicy: RetryPolicy;
  readonly deadLetterArn: string | undefined;
  /** As it was put, for ListTargetsByRule. */
  readonly settings: JsonObject;
}

/** Makes the body that a target gets of an event. */
export type TargetInput = (event: BusEvent, rule: RuleIdentity) => string;

/** @throws UndeliverableError when the event has no value for the group. */
export type GroupOfEvent = (event: BusEvent) => string;

import type { EpochMs } from '../../lib/shared/time.ts';
import type { JsonObject } from '../endpoint/service.ts';
import {
  optionalInteger,
  optionalObject,
  optionalString,
  optionalTimestampMs,
  requireString,
  validationError,
} from '../eventbridge/members.ts';
import { type RetryPolicy, readRetryPolicy } from '../eventbridge/retry-policy.ts';
import { createTimetable, type Timetable } from './timetable.ts';

export interface Schedule {
  readonly arn: string;
  readonly name: string;
  readonly groupName: string;
  /** As it was sent: what GetSchedule gives back. */
  readonly settings: JsonObject;
  readonly timetable: Timetable;
  readonly enabled: boolean;
  readonly deleteAfterCompletion: boolean;
  readonly target: ScheduleTarget;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
  readonly clientToken: string | undefined;
}

export interface ScheduleTarget {
  readonly arn: string;
  readonly service: TargetService;
  /** Who invokes it. */
  readonly roleArn: string;
  readonly input: string | undefined;
  readonly messageGroupId: string | undefined;
  readonly detailType: string | undefined;
  readonly source: string | undefined;
  readonly retryPolicy: RetryPolicy;
  readonly deadLetterArn: string | undefined;
}

export type TargetService = 'events' | 'lambda' | 'sqs';

/** Members that GetSchedule gives back. */
const SETTINGS = [
  'ActionAfterCompletion',
  'Description',
  'EndDate',
  'FlexibleTimeWindow',
  'KmsKeyArn',
  'ScheduleExpression',
  'ScheduleExpressionTimezone',
  'StartDate',
  'State',
  'Target',
] as const;

const MOST_WINDOW_MINUTES = 1440;

export interface ScheduleIdentity {
  readonly arn: string;
  readonly name: string;
  readonly groupName: string;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
}

/** @throws AwsError ValidationException */
export function readSchedule(input: JsonObject, identity: ScheduleIdentity): Schedule {
  const window = optionalObject(input, 'FlexibleTimeWindow');
  if (window === undefined) throw validationError('FlexibleTimeWindow is required.');
  if (requireOneOf(window, 'Mode', ['OFF', 'FLEXIBLE']) === 'FLEXIBLE') {
    const minutes = optionalInteger(window, 'MaximumWindowInMinutes', 1, MOST_WINDOW_MINUTES);
    if (minutes === undefined) throw validationError('MaximumWindowInMinutes is required for a FLEXIBLE window.');
  }
  const startDate = instantAt(input, 'StartDate');
  const endDate = instantAt(input, 'EndDate');
  if (startDate !== undefined && endDate !== undefined && startDate >= endDate) {
    throw validationError('The StartDate you specify must be before the EndDate.');
  }
  return {
    ...identity,
    settings: {
      ActionAfterCompletion: 'NONE',
      ScheduleExpressionTimezone: 'UTC',
      State: 'ENABLED',
      ...Object.fromEntries(SETTINGS.flatMap((name) => (input[name] == null ? [] : [[name, input[name]]]))),
    },
    timetable: createTimetable({
      expression: requireString(input, 'ScheduleExpression'),
      timeZone: optionalString(input, 'ScheduleExpressionTimezone') ?? 'UTC',
      since: identity.modifiedAt,
      startDate,
      endDate,
    }),
    enabled: optionalOneOf(input, 'State', ['ENABLED', 'DISABLED']) !== 'DISABLED',
    deleteAfterCompletion: optionalOneOf(input, 'ActionAfterCompletion', ['NONE', 'DELETE']) === 'DELETE',
    target: readTarget(optionalObject(input, 'Target')),
    clientToken: optionalString(input, 'ClientToken'),
  };
}

function readTarget(target: JsonObject | undefined): ScheduleTarget {
  if (target === undefined) throw validationError('Target is required.');
  const arn = requireString(target, 'Arn');
  const service = serviceOf(arn);
  const bus = optionalObject(target, 'EventBridgeParameters');
  if (service === 'events' && bus === undefined) {
    throw validationError('EventBridgeParameters is required for a target that is an event bus.');
  }
  const deadLetterConfig = optionalObject(target, 'DeadLetterConfig');
  return {
    arn,
    service,
    roleArn: requireString(target, 'RoleArn'),
    input: optionalString(target, 'Input'),
    messageGroupId: optionalString(optionalObject(target, 'SqsParameters') ?? {}, 'MessageGroupId'),
    detailType: bus === undefined ? undefined : requireString(bus, 'DetailType'),
    source: bus === undefined ? undefined : requireString(bus, 'Source'),
    retryPolicy: readRetryPolicy(target),
    deadLetterArn: deadLetterConfig === undefined ? undefined : optionalString(deadLetterConfig, 'Arn'),
  };
}

function serviceOf(arn: string): TargetService {
  if (/^arn:[^:]+:lambda:[^:]+:\d+:function:/.test(arn)) return 'lambda';
  if (/^arn:[^:]+:sqs:[^:]+:\d+:/.test(arn)) return 'sqs';
  if (/^arn:[^:]+:events:[^:]+:\d+:event-bus\//.test(arn)) return 'events';
  throw validationError(`Target.Arn '${arn}' is no target of the local run: it has functions, queues and event buses.`);
}

const instantAt = (input: JsonObject, member: string): EpochMs | undefined =>
  optionalTimestampMs(input, member) as EpochMs | undefined;

function requireOneOf(input: JsonObject, member: string, allowed: readonly string[]): string {
  const value = optionalOneOf(input, member, allowed);
  if (value === undefined) throw validationError(`${member} is required.`);
  return value;
}

function optionalOneOf(input: JsonObject, member: string, allowed: readonly string[]): string | undefined {
  const value = optionalString(input, member);
  if (value === undefined || allowed.includes(value)) return value;
  const name = `${member.charAt(0).toLowerCase()}${member.slice(1)}`;
  throw validationError(
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must satisfy enum value set: [${allowed.join(', ')}]`,
  );
}

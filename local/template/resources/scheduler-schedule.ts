import type { JsonObject } from '../../endpoint/service.ts';
import { objectAt, stringAt } from '../json.ts';
import { optionalNumber, optionalText, pick, requiredText } from '../property-values.ts';
import { resourceName } from '../resource-name.ts';
import type { ResourceType } from '../resource-type.ts';
import { callRest } from '../rest-call.ts';

export const schedulerSchedule: ResourceType = {
  type: 'AWS::Scheduler::Schedule',
  properties: {
    ActionAfterCompletion: 'used',
    Description: 'used',
    EndDate: 'used',
    FlexibleTimeWindow: { MaximumWindowInMinutes: 'used', Mode: 'used' },
    GroupName: 'used',
    KmsKeyArn: 'without-effect',
    Name: 'used',
    ScheduleExpression: 'used',
    ScheduleExpressionTimezone: 'used',
    StartDate: 'used',
    State: 'used',
    Target: {
      Arn: 'used',
      DeadLetterConfig: { Arn: 'used' },
      EventBridgeParameters: { DetailType: 'used', Source: 'used' },
      Input: 'used',
      RetryPolicy: { MaximumEventAgeInSeconds: 'used', MaximumRetryAttempts: 'used' },
      RoleArn: 'used',
      SqsParameters: { MessageGroupId: 'used' },
    },
  },
  attributes: ['Arn'],

  async create(resource, { engines }) {
    const { properties } = resource;
    const scheduleName = resourceName(resource, 'Name', { maxLength: 64 });
    const target = objectAt(properties, 'Target');
    const output = await callRest(engines.scheduler, 'POST', `/schedules/${scheduleName}`, {
      ...pick(
        properties,
        'ActionAfterCompletion',
        'Description',
        'GroupName',
        'ScheduleExpression',
        'ScheduleExpressionTimezone',
        'State',
      ),
      ...dateAt(properties, 'EndDate'),
      ...dateAt(properties, 'StartDate'),
      FlexibleTimeWindow: withNumbers(objectAt(properties, 'FlexibleTimeWindow'), 'MaximumWindowInMinutes'),
      Target: {
        ...target,
        ...(target['RetryPolicy'] === undefined
          ? {}
          : {
              RetryPolicy: withNumbers(
                objectAt(target, 'RetryPolicy'),
                'MaximumEventAgeInSeconds',
                'MaximumRetryAttempts',
              ),
            }),
      },
    });
    const arn = stringAt(output, 'ScheduleArn') ?? '';
    return {
      physicalId: scheduleName,
      arn,
      attributes: { Arn: arn },
      detail: {
        kind: 'schedule',
        scheduleName,
        groupName: optionalText(properties, 'GroupName') ?? 'default',
        expression: requiredText(properties, 'ScheduleExpression'),
        enabled: optionalText(properties, 'State') !== 'DISABLED',
        targetArn: requiredText(target, 'Arn'),
        deadLetterQueueArn: stringAt(objectAt(target, 'DeadLetterConfig'), 'Arn'),
      },
    };
  },
};

export const schedulerScheduleGroup: ResourceType = {
  type: 'AWS::Scheduler::ScheduleGroup',
  properties: { Name: 'used', Tags: 'without-effect' },
  attributes: ['Arn'],

  async create(resource, { engines }) {
    const groupName = resourceName(resource, 'Name', { maxLength: 64 });
    const output = await callRest(engines.scheduler, 'POST', `/schedule-groups/${groupName}`, {});
    const arn = stringAt(output, 'ScheduleGroupArn') ?? '';
    return { physicalId: groupName, arn, attributes: { Arn: arn } };
  },
};

/** The API takes seconds since the epoch where a template writes a date. */
function dateAt(properties: JsonObject, name: string): JsonObject {
  const text = optionalText(properties, name);
  if (text === undefined) return {};
  const epochMs = Date.parse(text);
  if (Number.isNaN(epochMs))
    throw new TypeError(`property '${name}' is '${text}', expected a date such as 2026-11-20T06:00:00Z`);
  return { [name]: epochMs / 1000 };
}

/** The API takes numbers where CloudFormation takes text too. */
const withNumbers = (values: JsonObject, ...names: readonly string[]): JsonObject => ({
  ...values,
  ...Object.fromEntries(
    names.flatMap((name) => (values[name] === undefined ? [] : [[name, optionalNumber(values, name)]])),
  ),
});

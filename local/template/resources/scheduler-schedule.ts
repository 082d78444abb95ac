import type { JsonObject } from '../../endpoint/service.ts';
import type { Engines } from '../engines.ts';
import { objectAt, stringAt } from '../json.ts';
import { optionalNumber, optionalText, pick, requiredText } from '../property-values.ts';
import { resourceName } from '../resource-name.ts';
import type { CreatedResource, ResourceType } from '../resource-type.ts';
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
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedule.html */
  updates: {
    replacedBy: ['Name'],
    nameProperty: 'Name',
    // marked as changeable in place, but the API finds a schedule by its group
    refuse: (before, after) =>
      before['GroupName'] === after['GroupName']
        ? []
        : [
            "property 'GroupName' cannot be changed, since a schedule stays in its group; give the construct another id",
          ],
  },

  async create(resource, { engines }) {
    const scheduleName = resourceName(resource, 'Name', { maxLength: 64 });
    return put('POST', scheduleName, resource.properties, engines);
  },

  update: ({ made }, { properties }, { engines }) => put('PUT', made.physicalId, properties, engines),

  async delete({ made, resource: { properties } }, { engines }) {
    const query = new URLSearchParams({ groupName: groupOf(properties) });
    await callRest(engines.scheduler, 'DELETE', pathOf(made.physicalId), undefined, query);
  },
};

const DEFAULT_GROUP = 'default';

const groupOf = (properties: JsonObject): string => optionalText(properties, 'GroupName') ?? DEFAULT_GROUP;

const pathOf = (scheduleName: string): string => `/schedules/${scheduleName}`;

/** Both calls take all settings, and give back the ARN. */
async function put(
  method: 'POST' | 'PUT',
  scheduleName: string,
  properties: JsonObject,
  { scheduler }: Engines,
): Promise<CreatedResource> {
  const target = objectAt(properties, 'Target');
  const output = await callRest(scheduler, method, pathOf(scheduleName), {
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
      groupName: groupOf(properties),
      expression: requiredText(properties, 'ScheduleExpression'),
      enabled: optionalText(properties, 'State') !== 'DISABLED',
      targetArn: requiredText(target, 'Arn'),
      deadLetterQueueArn: stringAt(objectAt(target, 'DeadLetterConfig'), 'Arn'),
    },
  };
}

export const schedulerScheduleGroup: ResourceType = {
  type: 'AWS::Scheduler::ScheduleGroup',
  properties: { Name: 'used', Tags: 'without-effect' },
  attributes: ['Arn'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-scheduler-schedulegroup.html */
  updates: { replacedBy: ['Name'], nameProperty: 'Name' },

  async create(resource, { engines }) {
    const groupName = resourceName(resource, 'Name', { maxLength: 64 });
    const output = await callRest(engines.scheduler, 'POST', `/schedule-groups/${groupName}`, {});
    const arn = stringAt(output, 'ScheduleGroupArn') ?? '';
    return { physicalId: groupName, arn, attributes: { Arn: arn } };
  },

  update: async ({ made }) => made,

  /** Its schedules go with it. */
  async delete({ made }, { engines }) {
    await callRest(engines.scheduler, 'DELETE', `/schedule-groups/${made.physicalId}`);
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

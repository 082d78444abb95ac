import { type JsonObject, USER } from '../../endpoint/service.ts';
import type { RuleTarget } from '../deployment.ts';
import { isObject, objectAt, stringAt } from '../json.ts';
import { objectList, optionalText, requiredText } from '../property-values.ts';
import { resourceName } from '../resource-name.ts';
import type { ResourceType } from '../resource-type.ts';

export const eventsRule: ResourceType = {
  type: 'AWS::Events::Rule',
  properties: {
    Description: 'without-effect',
    EventBusName: 'used',
    EventPattern: 'used',
    Name: 'used',
    RoleArn: 'without-effect',
    ScheduleExpression: 'used',
    State: 'used',
    Tags: 'without-effect',
    Targets: {
      Arn: 'used',
      DeadLetterConfig: { Arn: 'used' },
      Id: 'used',
      Input: 'used',
      InputPath: 'used',
      InputTransformer: { InputPathsMap: 'used', InputTemplate: 'used' },
      RetryPolicy: { MaximumEventAgeInSeconds: 'used', MaximumRetryAttempts: 'used' },
      RoleArn: 'without-effect',
      SqsParameters: { MessageGroupId: 'used' },
    },
  },
  attributes: ['Arn'],

  async create(resource, { engines }) {
    const { properties } = resource;
    const ruleName = resourceName(resource, 'Name', { maxLength: 64 });
    // a bus may be given by its ARN
    const busName = optionalText(properties, 'EventBusName')?.replace(/^arn:.*:event-bus\//, '') ?? 'default';
    const eventPattern = readPattern(properties['EventPattern']);
    const scheduleExpression = optionalText(properties, 'ScheduleExpression');
    const state = optionalText(properties, 'State') ?? 'ENABLED';
    const output = await engines.eventBridge.handle(
      'PutRule',
      {
        Name: ruleName,
        EventBusName: busName,
        State: state,
        ...(eventPattern === undefined ? {} : { EventPattern: JSON.stringify(eventPattern) }),
        ...(scheduleExpression === undefined ? {} : { ScheduleExpression: scheduleExpression }),
      },
      USER,
    );
    const targets = objectList(properties, 'Targets');
    if (targets.length > 0) {
      const put = await engines.eventBridge.handle(
        'PutTargets',
        { Rule: ruleName, EventBusName: busName, Targets: targets.map(withNumbers) },
        USER,
      );
      const [failed] = objectList({ ...put }, 'FailedEntries');
      if (failed !== undefined) {
        throw new Error(`target '${failed['TargetId']}': ${failed['ErrorCode']}: ${failed['ErrorMessage']}`);
      }
    }

    const arn = stringAt(output, 'RuleArn') ?? '';
    return {
      // Ref of a rule on a custom bus is <bus>|<rule>
      physicalId: busName === 'default' ? ruleName : `${busName}|${ruleName}`,
      arn,
      attributes: { Arn: arn },
      detail: {
        kind: 'rule',
        ruleName,
        busName,
        eventPattern,
        scheduleExpression,
        enabled: state !== 'DISABLED',
        targets: targets.map(describeTarget),
      },
    };
  },
};

function readPattern(pattern: unknown): JsonObject | undefined {
  const value: unknown = typeof pattern === 'string' ? JSON.parse(pattern) : pattern;
  return isObject(value) ? value : undefined;
}

/** The API takes numbers where CloudFormation takes text too. */
function withNumbers(target: JsonObject): JsonObject {
  const retryPolicy = target['RetryPolicy'];
  if (!isObject(retryPolicy)) return target;
  const numbers = Object.entries(retryPolicy).map(([name, value]) => [name, Number(value)]);
  return { ...target, RetryPolicy: Object.fromEntries(numbers) };
}

const describeTarget = (target: JsonObject): RuleTarget => ({
  id: requiredText(target, 'Id'),
  arn: requiredText(target, 'Arn'),
  deadLetterQueueArn: stringAt(objectAt(target, 'DeadLetterConfig'), 'Arn'),
});

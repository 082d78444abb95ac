import { type JsonObject, USER } from '../../endpoint/service.ts';
import type { RuleTarget } from '../deployment.ts';
import type { Engines } from '../engines.ts';
import { isObject, objectAt, stringAt } from '../json.ts';
import { objectList, optionalText, requiredText } from '../property-values.ts';
import { resourceName } from '../resource-name.ts';
import type { CreatedResource, ResourceType } from '../resource-type.ts';

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
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-rule.html */
  updates: { replacedBy: ['EventBusName', 'Name'], nameProperty: 'Name' },

  async create(resource, { engines }) {
    const ruleName = resourceName(resource, 'Name', { maxLength: 64 });
    const { properties } = resource;
    const arn = await putRule(ruleName, properties, engines);
    try {
      await putTargets(ruleName, properties, engines);
    } catch (error) {
      await removeRule(ruleName, properties, engines);
      throw error;
    }
    return describe(ruleName, arn, properties);
  },

  // the rule first, then its targets: in between it goes by the new pattern to the old targets
  async update({ made, resource: before }, { properties }, { engines }) {
    const ruleName = nameOf(made);
    const arn = await putRule(ruleName, properties, engines);
    const kept = targetsOf(properties).map(({ id }) => id);
    const gone = targetsOf(before.properties).flatMap(({ id }) => (kept.includes(id) ? [] : [id]));
    if (gone.length > 0) await removeTargets(ruleName, properties, gone, engines);
    await putTargets(ruleName, properties, engines);
    return describe(ruleName, arn, properties);
  },

  async delete({ made, resource: { properties } }, { engines }) {
    await removeRule(nameOf(made), properties, engines);
  },
};

/** @returns the rule's ARN. */
async function putRule(Name: string, properties: JsonObject, { eventBridge }: Engines): Promise<string> {
  const eventPattern = readPattern(properties['EventPattern']);
  const scheduleExpression = optionalText(properties, 'ScheduleExpression');
  const output = await eventBridge.handle(
    'PutRule',
    {
      Name,
      EventBusName: busOf(properties),
      State: optionalText(properties, 'State') ?? ENABLED,
      ...(eventPattern === undefined ? {} : { EventPattern: JSON.stringify(eventPattern) }),
      ...(scheduleExpression === undefined ? {} : { ScheduleExpression: scheduleExpression }),
    },
    USER,
  );
  return stringAt(output, 'RuleArn') ?? '';
}

async function putTargets(Rule: string, properties: JsonObject, { eventBridge }: Engines): Promise<void> {
  const targets = objectList(properties, 'Targets');
  if (targets.length === 0) return;
  const put = await eventBridge.handle(
    'PutTargets',
    { Rule, EventBusName: busOf(properties), Targets: targets.map(withNumbers) },
    USER,
  );
  const [failed] = objectList({ ...put }, 'FailedEntries');
  if (failed === undefined) return;
  throw new Error(`target '${failed['TargetId']}': ${failed['ErrorCode']}: ${failed['ErrorMessage']}`);
}

async function removeTargets(
  Rule: string,
  properties: JsonObject,
  Ids: readonly string[],
  { eventBridge }: Engines,
): Promise<void> {
  await eventBridge.handle('RemoveTargets', { Rule, EventBusName: busOf(properties), Ids }, USER);
}

/** A rule goes without targets only. */
async function removeRule(Name: string, properties: JsonObject, engines: Engines): Promise<void> {
  const ids = targetsOf(properties).map(({ id }) => id);
  if (ids.length > 0) await removeTargets(Name, properties, ids, engines);
  await engines.eventBridge.handle('DeleteRule', { Name, EventBusName: busOf(properties) }, USER);
}

function describe(ruleName: string, arn: string, properties: JsonObject): CreatedResource {
  const busName = busOf(properties);
  return {
    // Ref of a rule on a custom bus is <bus>|<rule>
    physicalId: busName === DEFAULT_BUS ? ruleName : `${busName}|${ruleName}`,
    arn,
    attributes: { Arn: arn },
    detail: {
      kind: 'rule',
      ruleName,
      busName,
      eventPattern: readPattern(properties['EventPattern']),
      scheduleExpression: optionalText(properties, 'ScheduleExpression'),
      enabled: optionalText(properties, 'State') !== 'DISABLED',
      targets: targetsOf(properties),
    },
  };
}

const ENABLED = 'ENABLED';
const DEFAULT_BUS = 'default';

/** A bus may be given by its ARN. */
const busOf = (properties: JsonObject): string =>
  optionalText(properties, 'EventBusName')?.replace(/^arn:.*:event-bus\//, '') ?? DEFAULT_BUS;

const nameOf = ({ physicalId }: CreatedResource): string => physicalId.slice(physicalId.indexOf('|') + 1);

const targetsOf = (properties: JsonObject): readonly RuleTarget[] =>
  objectList(properties, 'Targets').map(describeTarget);

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

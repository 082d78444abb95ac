import type { JsonObject } from '../../endpoint/service.ts';
import type { EventSourceMappingConfiguration, StartingPosition } from '../../lambda/mappings/configuration.ts';
import { functionAt } from '../function-reference.ts';
import { isObject, objectAt, stringAt } from '../json.ts';
import {
  objectList,
  optionalBoolean,
  optionalNumber,
  optionalText,
  requiredText,
  textList,
} from '../property-values.ts';
import type { CreatedResource, CreationContext, ResourceType } from '../resource-type.ts';

const REPORT_BATCH_ITEM_FAILURES = 'ReportBatchItemFailures';

export const lambdaEventSourceMapping: ResourceType = {
  type: 'AWS::Lambda::EventSourceMapping',
  properties: {
    BatchSize: 'used',
    BisectBatchOnFunctionError: 'used',
    DestinationConfig: { OnFailure: { Destination: 'used' } },
    Enabled: 'used',
    EventSourceArn: 'used',
    FilterCriteria: { Filters: { Pattern: 'used' } },
    FunctionName: 'used',
    FunctionResponseTypes: 'used',
    KmsKeyArn: 'without-effect',
    LoggingConfig: 'without-effect',
    MaximumBatchingWindowInSeconds: 'used',
    MaximumRecordAgeInSeconds: 'used',
    MaximumRetryAttempts: 'used',
    MetricsConfig: 'without-effect',
    ParallelizationFactor: 'used',
    ScalingConfig: { MaximumConcurrency: 'used' },
    StartingPosition: 'used',
    Tags: 'without-effect',
  },
  attributes: ['EventSourceMappingArn', 'Id'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventsourcemapping.html */
  updates: { replacedBy: ['EventSourceArn', 'StartingPosition'] },

  refuse: ({ StartingPosition: position }) =>
    typeof position === 'string' && !isStartingPosition(position)
      ? [`property 'StartingPosition' is '${position}'; the local run has TRIM_HORIZON and LATEST`]
      : [],

  async create({ properties }, context) {
    const { uuid } = await context.engines.lambda.createEventSourceMapping(configurationOf(properties));
    return describe(uuid, properties, context);
  },

  async update({ made }, { properties }, context) {
    await context.engines.lambda.updateEventSourceMapping(made.physicalId, configurationOf(properties));
    return describe(made.physicalId, properties, context);
  },

  /** It is deleted once what is at the function has come to its end. */
  async delete({ made }, { engines }) {
    await engines.lambda.deleteEventSourceMapping(made.physicalId);
  },
};

function configurationOf(properties: JsonObject): EventSourceMappingConfiguration {
  const { functionName, qualifier } = functionAt(properties, 'FunctionName');
  const position = optionalText(properties, 'StartingPosition');
  const patterns = objectList(objectAt(properties, 'FilterCriteria'), 'Filters').map(readPattern);
  return {
    functionName,
    qualifier,
    eventSourceArn: requiredText(properties, 'EventSourceArn'),
    enabled: optionalBoolean(properties, 'Enabled') ?? true,
    batchSize: optionalNumber(properties, 'BatchSize'),
    bisectBatchOnFunctionError: optionalBoolean(properties, 'BisectBatchOnFunctionError'),
    filterPatterns: patterns.length === 0 ? undefined : patterns,
    maximumBatchingWindowSeconds: optionalNumber(properties, 'MaximumBatchingWindowInSeconds'),
    maximumConcurrency: optionalNumber(objectAt(properties, 'ScalingConfig'), 'MaximumConcurrency'),
    maximumRecordAgeSeconds: optionalNumber(properties, 'MaximumRecordAgeInSeconds'),
    maximumRetryAttempts: optionalNumber(properties, 'MaximumRetryAttempts'),
    onFailureDestinationArn: onFailureOf(properties),
    parallelizationFactor: optionalNumber(properties, 'ParallelizationFactor'),
    reportBatchItemFailures: textList(properties, 'FunctionResponseTypes').includes(REPORT_BATCH_ITEM_FAILURES),
    startingPosition: position !== undefined && isStartingPosition(position) ? position : undefined,
  };
}

function describe(
  uuid: string,
  properties: JsonObject,
  { accountId, region }: Pick<CreationContext, 'accountId' | 'region'>,
): CreatedResource {
  const { functionName, eventSourceArn, onFailureDestinationArn, enabled = true } = configurationOf(properties);
  const arn = `arn:aws:lambda:${region}:${accountId}:event-source-mapping:${uuid}`;
  return {
    physicalId: uuid,
    arn,
    attributes: { EventSourceMappingArn: arn, Id: uuid },
    detail: { kind: 'mapping', functionName, eventSourceArn, onFailureArn: onFailureDestinationArn, enabled },
  };
}

const onFailureOf = (properties: JsonObject): string | undefined =>
  stringAt(objectAt(objectAt(properties, 'DestinationConfig'), 'OnFailure'), 'Destination');

const isStartingPosition = (position: string): position is StartingPosition =>
  position === 'TRIM_HORIZON' || position === 'LATEST';

function readPattern(filter: object): string {
  const pattern = isObject(filter) ? filter['Pattern'] : undefined;
  return typeof pattern === 'string' ? pattern : JSON.stringify(pattern ?? {});
}

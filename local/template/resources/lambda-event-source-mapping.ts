import type { StartingPosition } from '../../lambda/mappings/configuration.ts';
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
import type { ResourceType } from '../resource-type.ts';

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

  refuse: ({ StartingPosition: position }) =>
    typeof position === 'string' && !isStartingPosition(position)
      ? [`property 'StartingPosition' is '${position}'; the local run has TRIM_HORIZON and LATEST`]
      : [],

  async create(resource, { accountId, engines, region }) {
    const { properties } = resource;
    const { functionName, qualifier } = functionAt(properties, 'FunctionName');
    const eventSourceArn = requiredText(properties, 'EventSourceArn');
    const position = optionalText(properties, 'StartingPosition');
    const enabled = optionalBoolean(properties, 'Enabled') ?? true;
    const onFailureArn = stringAt(objectAt(objectAt(properties, 'DestinationConfig'), 'OnFailure'), 'Destination');
    const patterns = objectList(objectAt(properties, 'FilterCriteria'), 'Filters').map(readPattern);
    const { uuid } = await engines.lambda.createEventSourceMapping({
      functionName,
      qualifier,
      eventSourceArn,
      enabled,
      batchSize: optionalNumber(properties, 'BatchSize'),
      bisectBatchOnFunctionError: optionalBoolean(properties, 'BisectBatchOnFunctionError'),
      filterPatterns: patterns.length === 0 ? undefined : patterns,
      maximumBatchingWindowSeconds: optionalNumber(properties, 'MaximumBatchingWindowInSeconds'),
      maximumConcurrency: optionalNumber(objectAt(properties, 'ScalingConfig'), 'MaximumConcurrency'),
      maximumRecordAgeSeconds: optionalNumber(properties, 'MaximumRecordAgeInSeconds'),
      maximumRetryAttempts: optionalNumber(properties, 'MaximumRetryAttempts'),
      onFailureDestinationArn: onFailureArn,
      parallelizationFactor: optionalNumber(properties, 'ParallelizationFactor'),
      reportBatchItemFailures: textList(properties, 'FunctionResponseTypes').includes(REPORT_BATCH_ITEM_FAILURES),
      startingPosition: position !== undefined && isStartingPosition(position) ? position : undefined,
    });

    const arn = `arn:aws:lambda:${region}:${accountId}:event-source-mapping:${uuid}`;
    return {
      physicalId: uuid,
      arn,
      attributes: { EventSourceMappingArn: arn, Id: uuid },
      detail: { kind: 'mapping', functionName, eventSourceArn, onFailureArn, enabled },
    };
  },
};

const isStartingPosition = (position: string): position is StartingPosition =>
  position === 'TRIM_HORIZON' || position === 'LATEST';

function readPattern(filter: object): string {
  const pattern = isObject(filter) ? filter['Pattern'] : undefined;
  return typeof pattern === 'string' ? pattern : JSON.stringify(pattern ?? {});
}

import { functionAt } from '../function-reference.ts';
import { objectAt, stringAt } from '../json.ts';
import { optionalNumber, optionalText } from '../property-values.ts';
import type { ResourceType } from '../resource-type.ts';

/** How Lambda retries asynchronous invocations, and where their events end. */
export const lambdaEventInvokeConfig: ResourceType = {
  type: 'AWS::Lambda::EventInvokeConfig',
  properties: {
    DestinationConfig: { OnFailure: { Destination: 'used' }, OnSuccess: { Destination: 'used' } },
    FunctionName: 'used',
    MaximumEventAgeInSeconds: 'used',
    MaximumRetryAttempts: 'used',
    Qualifier: 'used',
  },
  attributes: [],

  async create({ properties }, { engines }) {
    const { functionName } = functionAt(properties, 'FunctionName');
    const qualifier = optionalText(properties, 'Qualifier') ?? '$LATEST';
    const destinations = objectAt(properties, 'DestinationConfig');
    engines.lambda.configureAsync(`${functionName}:${qualifier}`, {
      maximumRetryAttempts: optionalNumber(properties, 'MaximumRetryAttempts'),
      maximumEventAgeSeconds: optionalNumber(properties, 'MaximumEventAgeInSeconds'),
      onFailureArn: stringAt(objectAt(destinations, 'OnFailure'), 'Destination'),
      onSuccessArn: stringAt(objectAt(destinations, 'OnSuccess'), 'Destination'),
    });
    return { physicalId: `${functionName}|${qualifier}` };
  },
};

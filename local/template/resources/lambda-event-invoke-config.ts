import type { JsonObject } from '../../endpoint/service.ts';
import type { Engines } from '../engines.ts';
import { functionAt } from '../function-reference.ts';
import { objectAt, stringAt } from '../json.ts';
import { optionalNumber, optionalText } from '../property-values.ts';
import type { CreatedResource, ResourceType } from '../resource-type.ts';

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
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-eventinvokeconfig.html */
  updates: { replacedBy: ['FunctionName', 'Qualifier'] },

  create: async ({ properties }, { engines }) => configure(properties, engines),
  update: async (_before, { properties }, { engines }) => configure(properties, engines),
  async delete({ resource: { properties } }, { engines }) {
    engines.lambda.removeAsync(referenceOf(properties));
  },
};

function configure(properties: JsonObject, { lambda }: Engines): CreatedResource {
  const destinations = objectAt(properties, 'DestinationConfig');
  const reference = referenceOf(properties);
  lambda.configureAsync(reference, {
    maximumRetryAttempts: optionalNumber(properties, 'MaximumRetryAttempts'),
    maximumEventAgeSeconds: optionalNumber(properties, 'MaximumEventAgeInSeconds'),
    onFailureArn: stringAt(objectAt(destinations, 'OnFailure'), 'Destination'),
    onSuccessArn: stringAt(objectAt(destinations, 'OnSuccess'), 'Destination'),
  });
  return { physicalId: reference.replace(':', '|') };
}

const referenceOf = (properties: JsonObject): string =>
  `${functionAt(properties, 'FunctionName').functionName}:${optionalText(properties, 'Qualifier') ?? '$LATEST'}`;

import { requiredText } from '../property-values.ts';
import type { ResourceType } from '../resource-type.ts';

/** How Lambda retries asynchronous invocations: listed, while the run keeps to Lambda's defaults. */
export const lambdaEventInvokeConfig: ResourceType = {
  type: 'AWS::Lambda::EventInvokeConfig',
  properties: {
    FunctionName: 'used',
    MaximumEventAgeInSeconds: 'without-effect',
    MaximumRetryAttempts: 'without-effect',
    Qualifier: 'used',
  },
  attributes: [],

  refuse: ({ Qualifier }) =>
    Qualifier === undefined || Qualifier === '$LATEST'
      ? []
      : [`property 'Qualifier' is '${String(Qualifier)}'; the local run has $LATEST only`],

  async create({ properties }) {
    return { physicalId: `${requiredText(properties, 'FunctionName')}|$LATEST` };
  },
};

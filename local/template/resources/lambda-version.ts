import { functionAt } from '../function-reference.ts';
import { objectAt } from '../json.ts';
import { objectList, optionalNumber, requiredText } from '../property-values.ts';
import type { ResourceType } from '../resource-type.ts';

/** A number for the code as it is: a run has one code for all versions. */
export const lambdaVersion: ResourceType = {
  type: 'AWS::Lambda::Version',
  properties: {
    CodeSha256: 'without-effect',
    Description: 'without-effect',
    FunctionName: 'used',
    ProvisionedConcurrencyConfig: 'without-effect',
    RuntimePolicy: 'without-effect',
  },
  attributes: ['FunctionArn', 'Version'],

  async create({ properties }, { engines }) {
    const { functionName } = functionAt(properties, 'FunctionName');
    const version = engines.lambda.publishVersion(functionName);
    const arn = `${engines.lambda.functionArn(functionName)}:${version}`;
    return { physicalId: arn, arn, attributes: { FunctionArn: arn, Version: version } };
  },
};

export const lambdaAlias: ResourceType = {
  type: 'AWS::Lambda::Alias',
  properties: {
    Description: 'without-effect',
    FunctionName: 'used',
    FunctionVersion: 'used',
    Name: 'used',
    ProvisionedConcurrencyConfig: 'without-effect',
    RoutingConfig: { AdditionalVersionWeights: { FunctionVersion: 'used', FunctionWeight: 'used' } },
  },
  attributes: ['AliasArn'],

  async create({ properties }, { engines }) {
    const { functionName } = functionAt(properties, 'FunctionName');
    const name = requiredText(properties, 'Name');
    const weights = objectList(objectAt(properties, 'RoutingConfig'), 'AdditionalVersionWeights').map(
      (weight) => [requiredText(weight, 'FunctionVersion'), optionalNumber(weight, 'FunctionWeight') ?? 0] as const,
    );
    engines.lambda.createAlias(functionName, {
      name,
      version: requiredText(properties, 'FunctionVersion'),
      weights: Object.fromEntries(weights),
    });
    const arn = `${engines.lambda.functionArn(functionName)}:${name}`;
    return { physicalId: arn, arn, attributes: { AliasArn: arn } };
  },
};

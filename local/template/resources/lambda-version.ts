import type { JsonObject } from '../../endpoint/service.ts';
import type { Alias } from '../../lambda/qualifiers.ts';
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
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-version.html */
  updates: { replacedBy: ['CodeSha256', 'Description', 'FunctionName'] },

  async create({ properties }, { engines }) {
    const { functionName } = functionAt(properties, 'FunctionName');
    const version = engines.lambda.publishVersion(functionName);
    const arn = `${engines.lambda.functionArn(functionName)}:${version}`;
    return { physicalId: arn, arn, attributes: { FunctionArn: arn, Version: version } };
  },

  update: async ({ made }) => made,

  async delete({ made, resource: { properties } }, { engines }) {
    engines.lambda.deleteVersion(
      functionAt(properties, 'FunctionName').functionName,
      made.attributes?.['Version'] ?? '',
    );
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
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-alias.html */
  updates: { replacedBy: ['FunctionName', 'Name'] },

  async create({ properties }, { engines }) {
    const { functionName } = functionAt(properties, 'FunctionName');
    const alias = readAlias(properties);
    engines.lambda.createAlias(functionName, alias);
    const arn = `${engines.lambda.functionArn(functionName)}:${alias.name}`;
    return { physicalId: arn, arn, attributes: { AliasArn: arn } };
  },

  async update({ made }, { properties }, { engines }) {
    engines.lambda.updateAlias(functionAt(properties, 'FunctionName').functionName, readAlias(properties));
    return made;
  },

  async delete({ resource: { properties } }, { engines }) {
    const { functionName } = functionAt(properties, 'FunctionName');
    engines.lambda.deleteAlias(functionName, requiredText(properties, 'Name'));
  },
};

function readAlias(properties: JsonObject): Alias {
  const weights = objectList(objectAt(properties, 'RoutingConfig'), 'AdditionalVersionWeights').map(
    (weight) => [requiredText(weight, 'FunctionVersion'), optionalNumber(weight, 'FunctionWeight') ?? 0] as const,
  );
  return {
    name: requiredText(properties, 'Name'),
    version: requiredText(properties, 'FunctionVersion'),
    weights: Object.fromEntries(weights),
  };
}

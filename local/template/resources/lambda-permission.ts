import { functionAt } from '../function-reference.ts';
import { optionalText, requiredText } from '../property-values.ts';
import type { ResourceType } from '../resource-type.ts';

/** Who may invoke a function: kept with the deployment as the statement that Lambda makes of it. */
export const lambdaPermission: ResourceType = {
  type: 'AWS::Lambda::Permission',
  properties: {
    Action: 'used',
    FunctionName: 'used',
    Principal: 'used',
    SourceAccount: 'used',
    SourceArn: 'used',
  },
  attributes: ['Id'],
  /** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-permission.html */
  updates: { replacedBy: ['Action', 'FunctionName', 'Principal', 'SourceAccount', 'SourceArn'] },

  async create(resource, { engines }) {
    const { properties } = resource;
    const id = resource.physicalName({ maxLength: 100 });
    // a permission on a version or an alias allows that one only
    const { functionName, qualifier } = functionAt(properties, 'FunctionName');
    const functionArn = `${engines.lambda.functionArn(functionName)}${qualifier === undefined ? '' : `:${qualifier}`}`;
    const principal = requiredText(properties, 'Principal');
    const sourceArn = optionalText(properties, 'SourceArn');
    const sourceAccount = optionalText(properties, 'SourceAccount');
    const condition = {
      ...(sourceArn === undefined ? {} : { ArnLike: { 'AWS:SourceArn': sourceArn } }),
      ...(sourceAccount === undefined ? {} : { StringEquals: { 'AWS:SourceAccount': sourceAccount } }),
    };
    const statement = {
      Sid: id,
      Effect: 'Allow',
      Principal: principal.endsWith('.amazonaws.com') ? { Service: principal } : { AWS: principal },
      Action: requiredText(properties, 'Action'),
      Resource: functionArn,
      ...(Object.keys(condition).length === 0 ? {} : { Condition: condition }),
    };
    return {
      physicalId: id,
      attributes: { Id: id },
      detail: {
        kind: 'resource-policy',
        resources: [functionArn],
        document: { Version: '2012-10-17', Statement: [statement] },
      },
    };
  },
};

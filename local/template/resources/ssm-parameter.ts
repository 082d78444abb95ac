import { isDeepStrictEqual } from 'node:util';
import { type JsonObject, USER } from '../../endpoint/service.ts';
import { parameterArn } from '../../ssm/parameter-name.ts';
import { objectAt } from '../json.ts';
import { pick, requiredText } from '../property-values.ts';
import type { DeploymentEnvironment } from '../pseudo-parameters.ts';
import { resourceName } from '../resource-name.ts';
import type { CreatedResource, ResourceType } from '../resource-type.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html */
export const ssmParameter: ResourceType = {
  type: 'AWS::SSM::Parameter',
  properties: {
    AllowedPattern: 'used',
    DataType: 'used',
    Description: 'used',
    Name: 'used',
    Tags: 'used',
    Tier: 'used',
    Type: 'used',
    Value: 'used',
  },
  attributes: ['Type', 'Value'],
  updates: {
    replacedBy: ['Name'],
    nameProperty: 'Name',
    attributesFollow: { Type: ['Type'], Value: ['Value'] },
  },

  refuse: ({ Type }) =>
    Type === 'SecureString'
      ? ["property 'Type' is 'SecureString', which CloudFormation does not create; allowed are String and StringList"]
      : [],

  async create(resource, context) {
    const { properties } = resource;
    const name = resourceName(resource, 'Name', { maxLength: 1011 });
    await context.engines.ssm.handle(
      'PutParameter',
      {
        ...versionOf(properties),
        Name: name,
        Tags: Object.entries(tagsOf(properties)).map(([Key, Value]) => ({ Key, Value })),
      },
      USER,
    );
    return describe(name, properties, context);
  },

  /** Whatever property changes, a tag included, CloudFormation puts the template's value over what is there. */
  async update({ made, resource: before }, { properties }, context) {
    const { ssm } = context.engines;
    const name = made.physicalId;
    await ssm.handle('PutParameter', { ...versionOf(properties), Name: name, Overwrite: true }, USER);
    const old = tagsOf(before.properties);
    const wanted = tagsOf(properties);
    if (!isDeepStrictEqual(old, wanted)) {
      const resource = { ResourceType: 'Parameter', ResourceId: name };
      const TagKeys = Object.keys(old);
      const Tags = Object.entries(wanted).map(([Key, Value]) => ({ Key, Value }));
      await ssm.handle('RemoveTagsFromResource', { ...resource, TagKeys }, USER);
      await ssm.handle('AddTagsToResource', { ...resource, Tags }, USER);
    }
    return describe(name, properties, context);
  },

  async delete({ made }, { engines }) {
    await engines.ssm.handle('DeleteParameter', { Name: made.physicalId }, USER);
  },
};

const versionOf = (properties: JsonObject): JsonObject => ({
  ...pick(properties, 'AllowedPattern', 'DataType', 'Description', 'Tier'),
  Type: requiredText(properties, 'Type'),
  Value: requiredText(properties, 'Value'),
});

/** An object in the template, a list in the API. */
const tagsOf = (properties: JsonObject): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(objectAt(properties, 'Tags')).map(([key, value]) => [key, String(value)]));

const describe = (name: string, properties: JsonObject, place: DeploymentEnvironment): CreatedResource => ({
  physicalId: name,
  arn: parameterArn(name, place),
  attributes: { Type: requiredText(properties, 'Type'), Value: requiredText(properties, 'Value') },
});

import { createHash } from 'node:crypto';
import { type JsonObject, USER } from '../../endpoint/service.ts';
import { isObject, objectAt } from '../json.ts';
import { optionalBoolean, optionalNumber, optionalText, pick } from '../property-values.ts';
import { resourceName } from '../resource-name.ts';
import type { CreatedResource, CreationContext, ResourceType } from '../resource-type.ts';

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html */
export const secretsManagerSecret: ResourceType = {
  type: 'AWS::SecretsManager::Secret',
  properties: {
    Description: 'used',
    GenerateSecretString: {
      ExcludeCharacters: 'used',
      ExcludeLowercase: 'used',
      ExcludeNumbers: 'used',
      ExcludePunctuation: 'used',
      ExcludeUppercase: 'used',
      GenerateStringKey: 'used',
      IncludeSpace: 'used',
      PasswordLength: 'used',
      RequireEachIncludedType: 'without-effect',
      SecretStringTemplate: 'used',
    },
    KmsKeyId: 'used',
    Name: 'used',
    SecretString: 'used',
    Tags: 'without-effect',
  },
  attributes: ['Id'],
  updates: { replacedBy: ['Name'], nameProperty: 'Name' },

  refuse: ({ GenerateSecretString, SecretString }) =>
    GenerateSecretString !== undefined && SecretString !== undefined
      ? ["properties 'GenerateSecretString' and 'SecretString' are given; CloudFormation takes one of them"]
      : [],

  async create(resource, context) {
    const { properties } = resource;
    const Name = resourceName(resource, 'Name', { maxLength: 512 });
    const SecretString = optionalText(properties, 'SecretString') ?? generated(properties, resource.physicalUuid());
    await context.engines.secretsManager.handle(
      'CreateSecret',
      { ...pick(properties, 'Description', 'KmsKeyId'), Name, SecretString },
      USER,
    );
    return describe(Name, context);
  },

  /** A value that the template does not change stays: it may have been put since. */
  async update({ made, resource: before }, { properties }, { engines }) {
    const SecretString = optionalText(properties, 'SecretString');
    const isNew = SecretString !== undefined && SecretString !== optionalText(before.properties, 'SecretString');
    await engines.secretsManager.handle(
      'UpdateSecret',
      {
        ...pick(properties, 'Description', 'KmsKeyId'),
        SecretId: made.physicalId,
        ...(isNew ? { SecretString } : {}),
      },
      USER,
    );
    return made;
  },

  async delete({ made }, { engines }) {
    await engines.secretsManager.handle(
      'DeleteSecret',
      { SecretId: made.physicalId, ForceDeleteWithoutRecovery: true },
      USER,
    );
  },
};

async function describe(name: string, { engines }: CreationContext): Promise<CreatedResource> {
  const { ARN } = (await engines.secretsManager.handle('DescribeSecret', { SecretId: name }, USER)) as { ARN: string };
  return { physicalId: ARN, arn: ARN, attributes: { Id: ARN } };
}

const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** The same in every run. Undefined if the template asks for none: the secret is then without a value. */
function generated(properties: JsonObject, seed: string): string | undefined {
  if (!isObject(properties['GenerateSecretString'])) return undefined;
  const settings = objectAt(properties, 'GenerateSecretString');
  const is = (name: string) => optionalBoolean(settings, name) === true;
  const excluded = optionalText(settings, 'ExcludeCharacters') ?? '';
  const alphabet = [
    ...(is('ExcludeLowercase') ? '' : 'abcdefghijklmnopqrstuvwxyz'),
    ...(is('ExcludeUppercase') ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'),
    ...(is('ExcludeNumbers') ? '' : '0123456789'),
    ...(is('ExcludePunctuation') ? '' : PUNCTUATION),
    ...(is('IncludeSpace') ? ' ' : ''),
  ].filter((character) => !excluded.includes(character));
  const length = optionalNumber(settings, 'PasswordLength') ?? 32;
  const password = Array.from({ length }, (_, index) => {
    const [byte = 0] = createHash('sha256').update(`${seed}#${index}`).digest();
    return alphabet[byte % alphabet.length] ?? '';
  }).join('');
  const template = optionalText(settings, 'SecretStringTemplate');
  const key = optionalText(settings, 'GenerateStringKey');
  if (template === undefined || key === undefined) return password;
  return JSON.stringify({ ...(JSON.parse(template) as object), [key]: password });
}

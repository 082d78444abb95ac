import type { EpochMs } from '../../lib/shared/time.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject } from '../endpoint/service.ts';
import { optionalString, requireString, validationError } from '../eventbridge/members.ts';
import { PARAMETER_TYPES, type ParameterType, type ParameterVersion } from './parameter-store.ts';

/** @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html */
const MOST_CHARACTERS = { Standard: 4096, Advanced: 8192 } as const;

const TIERS = ['Standard', 'Advanced', 'Intelligent-Tiering'];
const DATA_TYPES = ['text', 'aws:ec2:image', 'aws:ssm:integration'];
const DEFAULT_KEY = 'alias/aws/ssm';

/**
 * The version that a PutParameter asks for.
 * @param before the newest version of a parameter that is there, which gives what the call leaves out
 * @throws AwsError ValidationException and the operation's own errors
 */
export function readVersion(
  input: JsonObject,
  before: ParameterVersion | undefined,
  { modifiedAt, modifiedBy }: { modifiedAt: EpochMs; modifiedBy: string },
): Omit<ParameterVersion, 'version'> {
  const type = readType(input, before);
  const value = requireString(input, 'Value');
  const tier = tierFor(value, oneOf(input, 'Tier', TIERS) ?? before?.tier ?? 'Standard');
  checkValue(value, tier);
  const allowedPattern = optionalString(input, 'AllowedPattern');
  checkPattern(value, allowedPattern);
  if (input['Policies'] !== undefined && input['Policies'] !== '') {
    throw new AwsError(
      'InvalidPolicyTypeException',
      'Policies of parameters are not part of the local run; leave them out.',
    );
  }
  return {
    type,
    value,
    tier,
    dataType: readDataType(input) ?? before?.dataType ?? 'text',
    keyId: type === 'SecureString' ? (optionalString(input, 'KeyId') ?? before?.keyId ?? DEFAULT_KEY) : undefined,
    description: optionalString(input, 'Description'),
    allowedPattern,
    modifiedAt,
    modifiedBy,
  };
}

function readType(input: JsonObject, before: ParameterVersion | undefined): ParameterType {
  const given = oneOf(input, 'Type', PARAMETER_TYPES);
  if (before === undefined) {
    if (given === undefined) throw validationError('A parameter type is required when you create a parameter.');
    return given;
  }
  const isChanged = given !== undefined && given !== before.type;
  if (isChanged && [given, before.type].includes('SecureString')) {
    throw new AwsError(
      'HierarchyTypeMismatchException',
      `Parameter Store doesn't support changing a parameter type from ${before.type} to ${given}; create a new parameter.`,
    );
  }
  return given ?? before.type;
}

const tierFor = (value: string, tier: string): ParameterVersion['tier'] => {
  if (tier !== 'Intelligent-Tiering') return tier === 'Advanced' ? 'Advanced' : 'Standard';
  return value.length > MOST_CHARACTERS.Standard ? 'Advanced' : 'Standard';
};

function checkValue(value: string, tier: ParameterVersion['tier']): void {
  if (value === '') {
    throw validationError(
      "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
    );
  }
  const most = MOST_CHARACTERS[tier];
  if (value.length > most) {
    throw validationError(
      tier === 'Standard'
        ? `Standard tier parameters support a maximum parameter value of ${most} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html`
        : `Advanced tier parameters support a maximum parameter value of ${most} characters.`,
    );
  }
  if (/\{\{.*\}\}/s.test(value)) {
    throw validationError('Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.');
  }
}

function checkPattern(value: string, pattern: string | undefined): void {
  if (pattern === undefined || pattern === '') return;
  let matches: boolean;
  try {
    matches = new RegExp(pattern, 'u').test(value);
  } catch (cause) {
    throw new AwsError('InvalidAllowedPatternException', `AllowedPattern '${pattern}' is no regular expression.`, {
      cause,
    });
  }
  if (matches) return;
  throw new AwsError(
    'ParameterPatternMismatchException',
    `Parameter value, can't be validated against allowedPattern: ${pattern}`,
  );
}

function readDataType(input: JsonObject): string | undefined {
  const dataType = optionalString(input, 'DataType');
  if (dataType === undefined || DATA_TYPES.includes(dataType)) return dataType;
  throw validationError(`The following data type is not supported: ${dataType} (Data type names are all lowercase.)`);
}

function oneOf<T extends string>(input: JsonObject, member: string, allowed: readonly T[]): T | undefined {
  const given = optionalString(input, member);
  const known = allowed.find((each) => each === given);
  if (given === undefined || known !== undefined) return known;
  throw validationError(
    `1 validation error detected: Value '${given}' at '${member.toLowerCase()}' failed to satisfy constraint: Member must satisfy enum value set: [${allowed.join(', ')}]`,
  );
}

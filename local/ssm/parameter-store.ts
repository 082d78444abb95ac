import type { EpochMs } from '../../lib/shared/time.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import { type ParameterReference, parameterArn, parseReference } from './parameter-name.ts';

export const PARAMETER_TYPES = ['String', 'StringList', 'SecureString'] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];

export interface ParameterVersion {
  readonly version: number;
  readonly type: ParameterType;
  readonly value: string;
  readonly tier: 'Standard' | 'Advanced';
  readonly dataType: string;
  readonly keyId: string | undefined;
  readonly description: string | undefined;
  readonly allowedPattern: string | undefined;
  readonly modifiedAt: EpochMs;
  /** ARN of whoever put it. */
  readonly modifiedBy: string;
}

export interface Parameter {
  readonly name: string;
  readonly arn: string;
  /** Never empty, the newest last. */
  readonly versions: ParameterVersion[];
  readonly tags: Map<string, string>;
}

/** One version of one parameter. */
export interface FoundVersion {
  readonly parameter: Parameter;
  readonly version: ParameterVersion;
  /** As it was asked for: `:3`. */
  readonly selector: string | undefined;
}

export interface ParameterStore {
  find(name: string): Parameter | undefined;
  /** @param reference a name or an ARN, with or without a version. @throws AwsError ParameterNotFound, ParameterVersionNotFound */
  get(reference: string): FoundVersion;
  /** Adds a version, and the parameter if it is new. */
  put(name: string, next: Omit<ParameterVersion, 'version'>): ParameterVersion;
  /** False when there was none. */
  delete(name: string): boolean;
  /** In the order of their creation. */
  all(): readonly Parameter[];
}

/** @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html */
const VERSIONS_KEPT = 100;

export function createParameterStore(place: { readonly region: string; readonly accountId: string }): ParameterStore {
  const parameters = new Map<string, Parameter>();

  return {
    find: (name) => parameters.get(name),
    get(reference) {
      const { name, selector, isArn } = parseReference(reference);
      // an ARN does not tell whether the name begins with a slash
      const parameter = parameters.get(name) ?? (isArn ? parameters.get(name.slice(1)) : undefined);
      if (parameter === undefined) throw parameterNotFound();
      const version = versionOf(parameter, { name, selector });
      return { parameter, version, selector: selector === undefined ? undefined : `:${selector}` };
    },
    put(name, next) {
      const parameter = parameters.get(name) ?? {
        name,
        arn: parameterArn(name, place),
        versions: [],
        tags: new Map<string, string>(),
      };
      const version = { ...next, version: (parameter.versions.at(-1)?.version ?? 0) + 1 };
      parameter.versions.push(version);
      if (parameter.versions.length > VERSIONS_KEPT) parameter.versions.shift();
      parameters.set(name, parameter);
      return version;
    },
    delete: (name) => parameters.delete(name),
    all: () => [...parameters.values()],
  };
}

/** AWS is seen to say nothing more. */
export const parameterNotFound = () => new AwsError('ParameterNotFound', '');

function versionOf(
  { versions }: Parameter,
  { name, selector }: Pick<ParameterReference, 'name' | 'selector'>,
): ParameterVersion {
  const version = selector === undefined ? versions.at(-1) : versions.find((each) => String(each.version) === selector);
  if (version !== undefined) return version;
  // versions have no labels here
  const isNumber = /^\d+$/.test(selector ?? '');
  throw new AwsError(
    'ParameterVersionNotFound',
    isNumber
      ? `Systems Manager could not find version ${selector} of ${name}. Verify the version and try again.`
      : `Systems Manager could not find label ${selector} for parameter ${name}. Verify the label and try again.`,
  );
}

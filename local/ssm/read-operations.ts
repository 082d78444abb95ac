import { hash } from 'node:crypto';
import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject } from '../endpoint/service.ts';
import { optionalStrings, requireString, validationError } from '../eventbridge/members.ts';
import { pageOf } from './page.ts';
import { byPathFilters, describeFilters } from './parameter-filters.ts';
import { checkPath, isBelow } from './parameter-name.ts';
import type { FoundVersion, Parameter, ParameterStore, ParameterVersion } from './parameter-store.ts';

/** The most that one call returns. */
const MOST = { byName: 10, byPath: 10, history: 50, descriptions: 50 } as const;

export const createReadOperations = (store: ParameterStore) => ({
  GetParameter: (input: JsonObject) => ({
    Parameter: withValue(store.get(requireString(input, 'Name')), isDecrypted(input)),
  }),
  GetParameters(input: JsonObject) {
    const names = optionalStrings(input, 'Names') ?? [];
    if (names.length < 1 || names.length > MOST.byName) {
      throw validationError(
        `1 validation error detected: Value '[${names.join(', ').slice(0, 200)}]' at 'names' failed to satisfy constraint: Member must have length between 1 and ${MOST.byName}`,
      );
    }
    const found = names.map((name) => [name, findOrNothing(store, name)] as const);
    return {
      Parameters: found.flatMap(([, version]) =>
        version === undefined ? [] : [withValue(version, isDecrypted(input))],
      ),
      InvalidParameters: found.flatMap(([name, version]) => (version === undefined ? [name] : [])),
    };
  },
  GetParametersByPath(input: JsonObject) {
    const path = requireString(input, 'Path');
    checkPath(path);
    const matches = byPathFilters(input);
    const below = store.all().filter((each) => isBelow(each.name, path, input['Recursive'] === true) && matches(each));
    const { items, NextToken } = pageOf(input, below, MOST.byPath);
    return {
      Parameters: items.map(({ name }) => withValue(store.get(name), isDecrypted(input))),
      NextToken,
    };
  },
  GetParameterHistory(input: JsonObject) {
    const { parameter } = store.get(requireString(input, 'Name'));
    const { items, NextToken } = pageOf(input, parameter.versions, MOST.history);
    const Parameters = items.map((version) => ({
      ...metadataOf(parameter, version),
      Value: visibleValue(version, isDecrypted(input)),
      Labels: [],
    }));
    return { Parameters, NextToken };
  },
  DescribeParameters(input: JsonObject) {
    const { items, NextToken } = pageOf(input, store.all().filter(describeFilters(input)), MOST.descriptions);
    const Parameters = items.map((parameter) => ({
      ...metadataOf(parameter, store.get(parameter.name).version),
      ARN: parameter.arn,
    }));
    return { Parameters, NextToken };
  },
});

function findOrNothing(store: ParameterStore, name: string): FoundVersion | undefined {
  try {
    return store.get(name);
  } catch (error) {
    if (error instanceof AwsError) return undefined;
    throw error;
  }
}

const isDecrypted = (input: JsonObject): boolean => input['WithDecryption'] === true;

/** The run has no KMS: whoever does not ask for the text gets something that cannot be read. */
const visibleValue = ({ type, value }: ParameterVersion, decrypted: boolean): string =>
  type === 'SecureString' && !decrypted ? hash('sha256', value, 'base64') : value;

/** Times travel as seconds since the epoch. */
const withValue = ({ parameter, version, selector }: FoundVersion, decrypted: boolean) => ({
  ARN: parameter.arn,
  DataType: version.dataType,
  LastModifiedDate: version.modifiedAt / 1000,
  Name: parameter.name,
  Selector: selector,
  Type: version.type,
  Value: visibleValue(version, decrypted),
  Version: version.version,
});

const metadataOf = ({ name }: Parameter, version: ParameterVersion) => ({
  AllowedPattern: version.allowedPattern,
  DataType: version.dataType,
  Description: version.description,
  KeyId: version.keyId,
  LastModifiedDate: version.modifiedAt / 1000,
  LastModifiedUser: version.modifiedBy,
  Name: name,
  Policies: [],
  Tier: version.tier,
  Type: version.type,
  Version: version.version,
});

import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { Caller, JsonObject } from '../endpoint/service.ts';
import { optionalObjects, optionalStrings, requireString, validationError } from '../eventbridge/members.ts';
import { principalName, principalOf } from '../iam/principal.ts';
import { checkNewName, parameterArn } from './parameter-name.ts';
import { type Parameter, type ParameterStore, parameterNotFound } from './parameter-store.ts';
import { readVersion } from './put-parameter.ts';

export interface WriteOperationsDeps {
  readonly store: ParameterStore;
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
}

const MOST_NAMES = 10;

export const createWriteOperations = ({ store, clock, region, accountId }: WriteOperationsDeps) => ({
  PutParameter(input: JsonObject, caller: Caller) {
    const name = requireString(input, 'Name').trim();
    const existing = store.find(name);
    const tags = readTags(input);
    if (existing === undefined) checkNewName(name, parameterArn(name, { region, accountId }));
    else if (input['Overwrite'] !== true) {
      throw new AwsError(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      );
    }
    if (input['Overwrite'] === true && tags.length > 0) {
      throw validationError(
        "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
      );
    }
    const next = readVersion(input, existing?.versions.at(-1), {
      modifiedAt: clock.now(),
      modifiedBy: principalName(principalOf(caller, accountId)),
    });
    const { version, tier } = store.put(name, next);
    const kept = store.find(name);
    for (const [key, value] of tags) kept?.tags.set(key, value);
    return { Version: version, Tier: tier };
  },
  DeleteParameter(input: JsonObject) {
    if (!store.delete(requireString(input, 'Name').trim())) throw parameterNotFound();
    return {};
  },
  DeleteParameters(input: JsonObject) {
    const names = optionalStrings(input, 'Names') ?? [];
    if (names.length < 1 || names.length > MOST_NAMES) {
      throw validationError(
        `1 validation error detected: Value '[${names.join(', ').slice(0, 200)}]' at 'names' failed to satisfy constraint: Member must have length between 1 and ${MOST_NAMES}`,
      );
    }
    const results = names.map((name) => ({ name, wasThere: store.delete(name) }));
    return {
      DeletedParameters: results.filter(({ wasThere }) => wasThere).map(({ name }) => name),
      InvalidParameters: results.filter(({ wasThere }) => !wasThere).map(({ name }) => name),
    };
  },
  AddTagsToResource(input: JsonObject) {
    const { tags } = taggedParameter(store, input);
    for (const [key, value] of readTags(input)) tags.set(key, value);
    return {};
  },
  RemoveTagsFromResource(input: JsonObject) {
    const { tags } = taggedParameter(store, input);
    for (const key of optionalStrings(input, 'TagKeys') ?? []) tags.delete(key);
    return {};
  },
  ListTagsForResource: (input: JsonObject) => ({
    TagList: [...taggedParameter(store, input).tags].map(([Key, Value]) => ({ Key, Value })),
  }),
});

const readTags = (input: JsonObject): readonly (readonly [string, string])[] =>
  (optionalObjects(input, 'Tags') ?? []).map((tag) => [requireString(tag, 'Key'), requireString(tag, 'Value')]);

/** @throws AwsError InvalidResourceType, InvalidResourceId */
function taggedParameter(store: ParameterStore, input: JsonObject): Parameter {
  const resourceType = requireString(input, 'ResourceType');
  if (resourceType !== 'Parameter') {
    throw new AwsError(
      'InvalidResourceType',
      `The local run has resources of type Parameter only, got '${resourceType}'.`,
    );
  }
  const resourceId = requireString(input, 'ResourceId');
  const parameter = store.find(resourceId);
  if (parameter === undefined) throw new AwsError('InvalidResourceId', `There is no parameter '${resourceId}'.`);
  return parameter;
}

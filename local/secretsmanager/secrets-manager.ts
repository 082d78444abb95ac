import { addMs } from '../../lib/shared/time.ts';
import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject, JsonService } from '../endpoint/service.ts';
import {
  optionalInteger,
  optionalObjects,
  optionalString,
  optionalStrings,
  requireString,
  validationError,
} from '../eventbridge/members.ts';
import { entryOf, listSecrets, stagesOf } from './list-secrets.ts';
import {
  CURRENT,
  createSecretStore,
  type Secret,
  type SecretValue,
  secretNotFound,
  versionAt,
} from './secret-store.ts';

export interface SecretsManagerOptions {
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
  readonly newId: () => string;
}

export interface SecretsManager {
  readonly service: JsonService;
  /** The ARN of a secret that is there, by its name or ARN. */
  arnOf(reference: string): string | undefined;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const DEFAULT_RECOVERY_DAYS = 30;
/** @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const MOST_BYTES = 65_536;

/** Secrets Manager: secrets with their versions and stages, in memory. Nothing is encrypted and nothing rotates by itself. */
export function createSecretsManager(options: SecretsManagerOptions): SecretsManager {
  const { clock, newId } = options;
  const store = createSecretStore(options);
  const tokenOf = (input: JsonObject) => optionalString(input, 'ClientRequestToken') ?? newId();

  const putValue = (secret: Secret, input: JsonObject, stages: readonly string[]) => {
    const value = readValue(input);
    if (value === undefined) {
      throw new AwsError('InvalidRequestException', 'You must provide either SecretString or SecretBinary.');
    }
    return store.put(secret, tokenOf(input), value, stages);
  };

  /** @throws AwsError ValidationException for an empty one */
  const idOf = (input: JsonObject): string => {
    const id = requireString(input, 'SecretId');
    if (id.length >= 1 && id.length <= 2048) return id;
    throw validationError('Invalid SecretId: it must have 1 to 2048 characters.');
  };

  const describe = ({ arn, name }: Secret) => ({ ARN: arn, Name: name });

  const operations: Readonly<Record<string, (input: JsonObject) => object>> = {
    CreateSecret(input) {
      const name = readName(input);
      const value = readValue(input);
      const tags = readTags(input);
      checkNew(name, store.find(name));
      const secret = store.create(name);
      secret.description = optionalString(input, 'Description');
      secret.kmsKeyId = optionalString(input, 'KmsKeyId');
      for (const [key, tag] of tags) secret.tags.set(key, tag);
      if (value === undefined) return describe(secret);
      return { ...describe(secret), VersionId: store.put(secret, tokenOf(input), value, [CURRENT]).id };
    },
    PutSecretValue(input) {
      const secret = store.get(idOf(input));
      const stages = optionalStrings(input, 'VersionStages') ?? [CURRENT];
      const version = putValue(secret, input, stages.length === 0 ? [CURRENT] : stages);
      return { ...describe(secret), VersionId: version.id, VersionStages: [...version.stages] };
    },
    UpdateSecret(input) {
      const secret = store.get(idOf(input));
      secret.description = optionalString(input, 'Description') ?? secret.description;
      secret.kmsKeyId = optionalString(input, 'KmsKeyId') ?? secret.kmsKeyId;
      if (readValue(input) === undefined) return describe(secret);
      return { ...describe(secret), VersionId: putValue(secret, input, [CURRENT]).id };
    },
    GetSecretValue(input) {
      const secret = store.get(idOf(input));
      const id = optionalString(input, 'VersionId');
      const stage = optionalString(input, 'VersionStage') ?? CURRENT;
      const version = id === undefined ? versionAt(secret, stage) : secret.versions.get(id);
      if (version === undefined) {
        throw new AwsError(
          'ResourceNotFoundException',
          `Secrets Manager can't find the specified secret value for ${id === undefined ? `staging label: ${stage}` : `VersionId: ${id}`}`,
        );
      }
      return {
        ...describe(secret),
        CreatedDate: version.createdAt / 1000,
        ...(version.text === undefined ? { SecretBinary: version.binary } : { SecretString: version.text }),
        VersionId: version.id,
        VersionStages: [...version.stages],
      };
    },
    DescribeSecret(input) {
      const secret = store.find(idOf(input));
      if (secret === undefined) throw secretNotFound();
      return {
        ...entryOf(secret, clock.now()),
        VersionIdsToStages: stagesOf(secret),
      };
    },
    ListSecrets: (input) => listSecrets(store.list(), input, clock.now()),
    DeleteSecret(input) {
      const secret = store.get(idOf(input));
      const days = optionalInteger(input, 'RecoveryWindowInDays', 7, 30);
      const isForced = input['ForceDeleteWithoutRecovery'] === true;
      if (isForced && days !== undefined) {
        throw new AwsError(
          'InvalidParameterException',
          "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
        );
      }
      const deletionAt = isForced ? clock.now() : addMs(clock.now(), (days ?? DEFAULT_RECOVERY_DAYS) * DAY_MS);
      if (isForced) store.delete(secret);
      else secret.deletionAt = deletionAt;
      return { ...describe(secret), DeletionDate: deletionAt / 1000 };
    },
    RestoreSecret(input) {
      const secret = store.find(idOf(input));
      if (secret === undefined) throw secretNotFound();
      secret.deletionAt = undefined;
      return describe(secret);
    },
  };

  return {
    service: {
      targetPrefix: 'secretsmanager',
      jsonVersion: '1.1',
      async handle(operation, input) {
        const run = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
        if (run !== undefined) return run(input);
        throw new AwsError(
          'UnknownOperationException',
          `${operation} of Secrets Manager is not part of the local run; it has ${Object.keys(operations).join(', ')}`,
        );
      },
    },
    arnOf: (reference) => store.find(reference)?.arn,
  };
}

function readName(input: JsonObject): string {
  const name = requireString(input, 'Name');
  if (/^[A-Za-z0-9/_+=.@!-]{1,512}$/.test(name)) return name;
  throw validationError(
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  );
}

function checkNew(name: string, existing: Secret | undefined): void {
  if (existing === undefined) return;
  if (existing.deletionAt !== undefined) {
    throw new AwsError(
      'InvalidRequestException',
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  throw new AwsError('ResourceExistsException', `The operation failed because the secret ${name} already exists.`);
}

function readValue(input: JsonObject): SecretValue | undefined {
  const text = optionalString(input, 'SecretString');
  const binary = optionalString(input, 'SecretBinary');
  if (text !== undefined && binary !== undefined) {
    throw new AwsError('InvalidParameterException', "You can't specify both SecretString and SecretBinary.");
  }
  const bytes = text === undefined ? Buffer.from(binary ?? '', 'base64').length : Buffer.byteLength(text);
  if (bytes > MOST_BYTES) {
    throw validationError(`The secret value has ${bytes} bytes, at most ${MOST_BYTES} are allowed.`);
  }
  return text === undefined && binary === undefined ? undefined : { text, binary };
}

const readTags = (input: JsonObject): readonly (readonly [string, string])[] =>
  (optionalObjects(input, 'Tags') ?? []).map((tag) => [requireString(tag, 'Key'), requireString(tag, 'Value')]);

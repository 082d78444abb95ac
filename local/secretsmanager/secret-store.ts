import { createHash } from 'node:crypto';
import type { EpochMs } from '../../lib/shared/time.ts';
import { AwsError } from '../endpoint/aws-error.ts';

/** A text, or bytes as base64; a version has one of them. */
export interface SecretValue {
  readonly text: string | undefined;
  readonly binary: string | undefined;
}

export interface SecretVersion extends SecretValue {
  readonly id: string;
  readonly createdAt: EpochMs;
  readonly stages: Set<string>;
}

export interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: EpochMs;
  readonly tags: Map<string, string>;
  /** By id, the newest last. */
  readonly versions: Map<string, SecretVersion>;
  description: string | undefined;
  kmsKeyId: string | undefined;
  changedAt: EpochMs;
  /** When it is deleted for good; undefined for one that is not to be deleted. */
  deletionAt: EpochMs | undefined;
}

export const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';

export interface SecretStore {
  /** @param reference a name, or an ARN with or without its six last characters */
  find(reference: string): Secret | undefined;
  /** All that are there, in the order of their creation. */
  list(): readonly Secret[];
  /** @throws AwsError ResourceNotFoundException, InvalidRequestException for one that is to be deleted */
  get(reference: string): Secret;
  create(name: string): Secret;
  /** Adds a version and moves these stages to it. @throws AwsError ResourceExistsException for another value under a known id */
  put(secret: Secret, id: string, value: SecretValue, stages: readonly string[]): SecretVersion;
  delete(secret: Secret): void;
}

export interface SecretStoreOptions {
  readonly clock: { now(): EpochMs };
  readonly region: string;
  readonly accountId: string;
}

/** AWS is seen to say nothing more. */
export const secretNotFound = () =>
  new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");

export function createSecretStore({ clock, region, accountId }: SecretStoreOptions): SecretStore {
  const secrets = new Map<string, Secret>();
  const prefix = `arn:aws:secretsmanager:${region}:${accountId}:secret:`;

  const find = (reference: string): Secret | undefined => {
    if (!reference.startsWith(prefix)) return withoutExpired(secrets.get(reference));
    const rest = reference.slice(prefix.length);
    const named = [...secrets.values()].find(({ arn, name }) => arn === reference || name === rest);
    return withoutExpired(named);
  };

  const withoutExpired = (secret: Secret | undefined): Secret | undefined => {
    if (secret?.deletionAt === undefined || secret.deletionAt > clock.now()) return secret;
    secrets.delete(secret.name);
    return undefined;
  };

  return {
    find,
    list: () => [...secrets.values()].filter((secret) => withoutExpired(secret) !== undefined),
    get(reference) {
      const secret = find(reference);
      if (secret === undefined) throw secretNotFound();
      if (secret.deletionAt === undefined) return secret;
      throw new AwsError(
        'InvalidRequestException',
        "You can't perform this operation on the secret because it was marked for deletion.",
      );
    },
    create(name) {
      const now = clock.now();
      const secret: Secret = {
        name,
        arn: `${prefix}${name}-${suffixOf(name)}`,
        createdAt: now,
        changedAt: now,
        tags: new Map(),
        versions: new Map(),
        description: undefined,
        kmsKeyId: undefined,
        deletionAt: undefined,
      };
      secrets.set(name, secret);
      return secret;
    },
    put(secret, id, value, stages) {
      const known = secret.versions.get(id);
      if (known !== undefined) {
        if (known.text === value.text && known.binary === value.binary) return known;
        throw new AwsError(
          'ResourceExistsException',
          `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${secret.arn}.`,
        );
      }
      const version: SecretVersion = { ...value, id, createdAt: clock.now(), stages: new Set() };
      for (const stage of stages) moveStage(secret, stage, version);
      secret.versions.set(id, version);
      secret.changedAt = version.createdAt;
      // versions without a stage are deprecated, and AWS deletes them
      for (const each of [...secret.versions.values()]) if (each.stages.size === 0) secret.versions.delete(each.id);
      return version;
    },
    delete: (secret) => void secrets.delete(secret.name),
  };
}

export const versionAt = (secret: Secret, stage: string): SecretVersion | undefined =>
  [...secret.versions.values()].find(({ stages }) => stages.has(stage));

function moveStage(secret: Secret, stage: string, to: SecretVersion): void {
  const holder = versionAt(secret, stage);
  holder?.stages.delete(stage);
  to.stages.add(stage);
  if (stage !== CURRENT || holder === undefined) return;
  versionAt(secret, PREVIOUS)?.stages.delete(PREVIOUS);
  holder.stages.add(PREVIOUS);
}

/** AWS gives six random characters; the same name has the same ones in every run. */
const suffixOf = (name: string): string =>
  createHash('sha256')
    .update(name)
    .digest('base64')
    .replace(/[^A-Za-z0-9]/g, '')
    .slice(0, 6);

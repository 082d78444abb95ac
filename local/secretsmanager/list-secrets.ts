import type { EpochMs } from '../../lib/shared/time.ts';
import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject } from '../endpoint/service.ts';
import {
  optionalInteger,
  optionalObjects,
  optionalString,
  optionalStrings,
  requireString,
  validationError,
} from '../eventbridge/members.ts';
import type { Secret } from './secret-store.ts';

const MOST_ON_A_PAGE = 100;

/** What a filter looks at. @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Filter.html */
const FILTERED: Readonly<Record<string, (secret: Secret) => readonly string[]>> = {
  name: ({ name }) => [name],
  description: ({ description = '' }) => [description],
  'tag-key': ({ tags }) => [...tags.keys()],
  'tag-value': ({ tags }) => [...tags.values()],
  all: (secret) => [secret.name, secret.description ?? '', ...secret.tags.keys(), ...secret.tags.values()],
};

/** One page of the secrets that pass all filters; those that are to be deleted only if they are asked for. */
export function listSecrets(secrets: readonly Secret[], input: JsonObject, now: EpochMs) {
  const most = optionalInteger(input, 'MaxResults', 1, MOST_ON_A_PAGE) ?? MOST_ON_A_PAGE;
  const filters = (optionalObjects(input, 'Filters') ?? []).map(readFilter);
  const withDeleted = input['IncludePlannedDeletion'] === true;
  const found = secrets
    .filter(({ deletionAt }) => withDeleted || deletionAt === undefined)
    .filter((secret) => filters.every((passes) => passes(secret)))
    .toSorted((a, b) => a.createdAt - b.createdAt);
  const ordered = optionalString(input, 'SortOrder') === 'desc' ? found.toReversed() : found;
  const start = readToken(optionalString(input, 'NextToken'), ordered);
  const page = ordered.slice(start, start + most);
  const last = page.at(-1);
  return {
    SecretList: page.map((secret) => ({ ...entryOf(secret, now), SecretVersionsToStages: stagesOf(secret) })),
    ...(last !== undefined && start + most < ordered.length
      ? { NextToken: Buffer.from(last.arn).toString('base64url') }
      : {}),
  };
}

/** What lists and descriptions tell of a secret. */
export const entryOf = (secret: Secret, now: EpochMs) => ({
  ARN: secret.arn,
  Name: secret.name,
  CreatedDate: secret.createdAt / 1000,
  LastChangedDate: secret.changedAt / 1000,
  Description: secret.description,
  KmsKeyId: secret.kmsKeyId,
  DeletedDate: secret.deletionAt === undefined ? undefined : now / 1000,
  Tags: [...secret.tags].map(([Key, Value]) => ({ Key, Value })),
});

export const stagesOf = ({ versions }: Secret): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries([...versions.values()].map(({ id, stages }) => [id, [...stages]]));

/** A value is the beginning of what is found; with `!` before it, of what is not. Names are compared as they are written. */
function readFilter(filter: JsonObject): (secret: Secret) => boolean {
  const key = requireString(filter, 'Key');
  const valuesOf = Object.hasOwn(FILTERED, key) ? FILTERED[key] : undefined;
  if (valuesOf === undefined) {
    throw validationError(`Invalid filter key '${key}'; the local run has ${Object.keys(FILTERED).join(', ')}.`);
  }
  const wanted = optionalStrings(filter, 'Values') ?? [];
  const matches = (value: string, beginning: string) =>
    key === 'name' || key.startsWith('tag')
      ? value.startsWith(beginning)
      : value.toLowerCase().includes(beginning.toLowerCase());
  return (secret) => {
    const values = valuesOf(secret);
    return wanted.some((each) =>
      each.startsWith('!')
        ? !values.some((value) => matches(value, each.slice(1)))
        : values.some((value) => matches(value, each)),
    );
  };
}

/** The place after the last secret of the page before. */
function readToken(token: string | undefined, secrets: readonly Secret[]): number {
  if (token === undefined) return 0;
  const arn = Buffer.from(token, 'base64url').toString('utf8');
  const place = secrets.findIndex((secret) => secret.arn === arn);
  if (place === -1) throw new AwsError('InvalidNextTokenException', 'The NextToken value is invalid.');
  return place + 1;
}

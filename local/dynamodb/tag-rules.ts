import { AwsError } from '../endpoint/aws-error.ts';
import type { Tag } from './table-description.ts';

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.html */
const KEY = /^[\p{L}\p{N} _.:/=+\-@]{1,128}$/u;
const VALUE = /^[\p{L}\p{N} _.:/=+\-@]{0,256}$/u;
const MAX_TAGS = 50;

/** @param existing names of the tags that the resource has. @throws AwsError `ValidationException` */
export function checkTags(tags: readonly Tag[], existing: Iterable<string> = []): void {
  for (const { Key, Value } of tags) {
    if (!KEY.test(Key)) refuse(`The Tag Key provided is invalid, Key: ${Key}`);
    if (Key.startsWith('aws:')) refuse(`Tag Key cannot be prefixed with aws:, Key: ${Key}`);
    if (!VALUE.test(Value)) refuse(`The Tag Value provided is invalid, Value: ${Value}`);
  }
  const keys = tags.map(({ Key }) => Key);
  const twice = keys.find((key, index) => keys.indexOf(key) < index);
  if (twice !== undefined) refuse(`Duplicate Tag Keys provided as input: Duplicate Tag Key found ${twice}`);
  if (new Set([...existing, ...keys]).size > MAX_TAGS) {
    refuse('Number of Tags exceed the current limit for the provided ResourceArn');
  }
}

/** @throws AwsError `ValidationException` when it cannot be the ARN of a table or stream */
export function checkTaggedArn(arn: string): void {
  const invalid = 'One or more parameter values were invalid: ';
  if (!arn.startsWith('arn:')) refuse(`${invalid}ARNs must start with 'arn:': ${arn}`);
  if (arn.includes('/index/')) {
    refuse(`${invalid}Invalid resource arn provided, only table or stream is accepted. Provided resource arn: ${arn}`);
  }
}

function refuse(message: string): never {
  throw new AwsError('ValidationException', message);
}

import { AwsError } from '../endpoint/aws-error.ts';
import type { JsonObject } from '../endpoint/service.ts';
import { optionalInteger, optionalString } from '../eventbridge/members.ts';

/** The part of `all` that `MaxResults` (1 to `largest`) and `NextToken` ask for, and the token for the next part. */
export function pageOf<T>(
  input: JsonObject,
  all: readonly T[],
  largest: number,
): { readonly items: readonly T[]; readonly NextToken?: string } {
  const size = optionalInteger(input, 'MaxResults', 1, largest) ?? largest;
  const [, from] = /^from-(\d+)$/.exec(optionalString(input, 'NextToken') ?? 'from-0') ?? [];
  if (from === undefined) throw new AwsError('InvalidNextToken', "The specified token isn't valid.");
  const next = Number(from) + size;
  return { items: all.slice(Number(from), next), ...(next < all.length ? { NextToken: `from-${next}` } : {}) };
}

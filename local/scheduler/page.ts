import { validationError } from '../eventbridge/members.ts';

const LARGEST_PAGE = 100;

/** The part of `all` that `MaxResults` and `NextToken` ask for, and the token for the next part. */
export function pageOf<T>(query: URLSearchParams, all: readonly T[]): { items: readonly T[]; NextToken?: string } {
  const size = Number(query.get('MaxResults') ?? LARGEST_PAGE);
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE) {
    throw validationError(`MaxResults is ${query.get('MaxResults')}, allowed is 1 to ${LARGEST_PAGE}.`);
  }
  const token = query.get('NextToken');
  const [, from] = /^from-(\d+)$/.exec(token ?? 'from-0') ?? [];
  if (from === undefined) throw validationError(`Invalid NextToken: '${token}' came from no earlier page.`);
  const next = Number(from) + size;
  return { items: all.slice(Number(from), next), ...(next < all.length ? { NextToken: `from-${next}` } : {}) };
}

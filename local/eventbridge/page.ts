import type { JsonObject } from '../endpoint/service.ts';
import { optionalInteger, optionalString, validationError } from './members.ts';

const LARGEST_PAGE = 100;

/** The part of `items` that `Limit` and `NextToken` ask for, and the token for the next part. */
export function pageOf<T>(input: JsonObject, items: readonly T[]): { items: readonly T[]; NextToken?: string } {
  const limit = optionalInteger(input, 'Limit', 1, LARGEST_PAGE) ?? LARGEST_PAGE;
  const from = readToken(optionalString(input, 'NextToken'));
  const next = from + limit;
  return { items: items.slice(from, next), ...(next < items.length ? { NextToken: `from-${next}` } : {}) };
}

function readToken(token: string | undefined): number {
  if (token === undefined) return 0;
  const [, from] = /^from-(\d+)$/.exec(token) ?? [];
  if (from === undefined)
    throw validationError(`Parameter NextToken is not valid: '${token}' came from no earlier page.`);
  return Number(from);
}

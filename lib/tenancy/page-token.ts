import { createHash } from 'node:crypto';
import { ownMember, type TableAttribute } from '../definitions/index.ts';
import { TenantPageError } from './errors.ts';
import type { RawItem } from './ports.ts';

/** The query that a page token is valid for. */
export interface PageOwner {
  readonly tableName: string;
  readonly indexName: string | undefined;
  /** As stored, with the tenant's prefix. */
  readonly partition: string;
  readonly sortBeginsWith: string | undefined;
  readonly sortFrom: string | number | undefined;
  readonly sortTo: string | number | undefined;
  readonly newestFirst: boolean;
}

/** @param lastKey without the tenant, so that a token can only be used for the current tenant */
export const writePageToken = (owner: PageOwner, lastKey: RawItem): string =>
  Buffer.from(JSON.stringify([stampOf(owner), lastKey])).toString('base64url');

/** Validates the key in a page token. */
export interface PageKey {
  /** The attributes of the table's key and of the index's key. */
  readonly attributes: readonly TableAttribute[];
  /** Whether the key is in the query's range. DynamoDB would refuse other keys. */
  isReached(key: RawItem): boolean;
}

/**
 * @returns the key after which the page begins, without the tenant
 * @throws TenantPageError `TENANT_PAGE_INVALID`
 */
export function readPageToken(owner: PageOwner, token: string, { attributes, isReached }: PageKey): RawItem {
  const content = typeof token === 'string' ? parse(token) : undefined;
  const [stamp, lastKey] = Array.isArray(content) ? content : [];
  if (stamp !== stampOf(owner) || !isKey(lastKey, attributes) || !isReached(lastKey)) {
    throw new TenantPageError(owner.tableName);
  }
  return lastKey;
}

/** Enough to distinguish queries. Not a security feature: the key is always read for the current tenant. */
const STAMP_LENGTH = 16;

function stampOf(owner: PageOwner): string {
  const { tableName, indexName, partition, sortBeginsWith, sortFrom, sortTo, newestFirst } = owner;
  // omitted without a range, so that tokens of older code stay valid
  const range = sortFrom === undefined && sortTo === undefined ? [] : [sortFrom ?? null, sortTo ?? null];
  return createHash('sha256')
    .update(JSON.stringify([tableName, indexName ?? null, partition, sortBeginsWith ?? null, newestFirst, ...range]))
    .digest('base64url')
    .slice(0, STAMP_LENGTH);
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    return undefined;
  }
}

function isKey(value: unknown, key: readonly TableAttribute[]): value is RawItem {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== key.length) return false;
  const members = value as Readonly<Record<string, unknown>>;
  return key.every(({ name, type }) => isKeyValue(ownMember(members, name), type));
}

/** The format of DynamoDB's numbers. */
const NUMBER = /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function isKeyValue(value: unknown, type: TableAttribute['type']): boolean {
  const [[got, content] = [], ...others] = Object.entries(value ?? {});
  if (others.length > 0 || got !== type || typeof content !== 'string' || content === '') return false;
  return type === 'S' || NUMBER.test(content);
}

import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  ContractError,
  ownMember,
  shown,
  type TableAttribute,
  type TableIndex,
  type TableSchema,
  UNUSABLE_NAME,
} from '../definitions/index.ts';
import { TenantItemError, TenantKeyError } from './errors.ts';
import type { RawItem } from './ports.ts';

type Keyed = Pick<TableSchema, 'partitionKey' | 'sortKey'>;

/** Adds the tenant to a table's keys and removes it. */
export interface KeyScope {
  /** Attributes of the table's key. */
  readonly key: readonly TableAttribute[];
  /** The key of the table or of the index; undefined if the index does not exist. */
  keyed(indexName: string | undefined): Keyed | undefined;
  /** Whether the attribute is stored with the tenant's prefix. */
  holdsTenant(attribute: string): boolean;
  /** Adds the prefix to the values of an item or a key. */
  enter(values: Readonly<Record<string, unknown>>, prefix: string): Record<string, unknown>;
  /** Adds the prefix to a key that `leave` returned. */
  enterKey(key: RawItem, prefix: string): RawItem;
  /** Removes the prefix from an item. @throws TenantItemError `TENANT_ITEM_FOREIGN` */
  leave(item: RawItem, prefix: string): RawItem;
}

/** @throws ContractError `CONTRACT_INVALID` if a partition key of the table or of an index is a number */
export function createKeyScope(tableName: string, schema: TableSchema): KeyScope {
  const indexes: readonly TableIndex[] = schema.indexes ?? [];
  const partitionKeys = [schema, ...indexes].map(({ partitionKey }) => partitionKey);
  const numbers = partitionKeys.filter(({ type }) => type !== 'S').map(({ name }) => `'${name}'`);
  if (numbers.length > 0) {
    throw new ContractError(`table '${tableName}'`, [
      `partition keys of a tenant's table and of its indexes must be strings, got the number ${numbers.join(', ')}`,
    ]);
  }
  const unusable = [schema, ...indexes].flatMap(keyAttributesOf).some(({ name }) => name === UNUSABLE_NAME);
  if (unusable) {
    throw new ContractError(`table '${tableName}'`, [`no key may be named '${UNUSABLE_NAME}'`]);
  }
  const holding = new Set(partitionKeys.map(({ name }) => name));

  return {
    key: keyAttributesOf(schema),
    keyed: (indexName) => (indexName === undefined ? schema : indexes.find(({ name }) => name === indexName)),
    holdsTenant: (attribute) => holding.has(attribute),

    enter(values, prefix) {
      const entered = { ...values };
      for (const name of holding) {
        const value = ownMember(entered, name);
        if (value === undefined) continue;
        // also checked without a tenant, so that all modes behave the same
        assertKeyText(tableName, name, value);
        entered[name] = `${prefix}${value}`;
      }
      return entered;
    },

    enterKey: (key, prefix) =>
      Object.fromEntries(
        Object.entries(key).map(([name, value]) => [name, holding.has(name) ? { S: `${prefix}${value.S}` } : value]),
      ),

    leave(item, prefix) {
      const left: Record<string, AttributeValue> = { ...item };
      for (const name of holding) {
        const value = ownMember(item, name);
        if (value === undefined) continue;
        if (value.S === undefined || !value.S.startsWith(prefix)) throw new TenantItemError(tableName, name);
        left[name] = { S: value.S.slice(prefix.length) };
      }
      return left;
    },
  };
}

/** @throws TenantKeyError `TENANT_KEY_INVALID` if DynamoDB would refuse the value as a key of type S */
export function assertKeyText(tableName: string, name: string, value: unknown): asserts value is string {
  if (typeof value === 'string' && value !== '') return;
  throw new TenantKeyError(`'${name}' of table '${tableName}' must be a non-empty string, got ${shown(value)}`);
}

export const keyAttributesOf = ({ partitionKey, sortKey }: Keyed): readonly TableAttribute[] =>
  sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];

/** A text that is unique for the item's key. DynamoDB may return a number in another notation than it was given. */
export const keyText = (item: RawItem, names: readonly string[]): string =>
  JSON.stringify(
    names.map((name) => {
      const { S, N = '' } = ownMember(item, name) ?? {};
      if (S !== undefined) return { S };
      // integers beyond the safe ones are written without exponent on both sides
      return { N: Math.abs(Number(N)) > Number.MAX_SAFE_INTEGER ? N : Number(N) };
    }),
  );

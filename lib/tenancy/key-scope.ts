import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import {
  ContractError,
  ownMember,
  shown,
  type TableAttribute,
  type TableIndex,
  type TableSchema,
  UNUSABLE_NAME,
} from '../contracts/index.ts';
import { TenantItemError, TenantKeyError } from './errors.ts';
import type { RawItem } from './ports.ts';

type Keyed = Pick<TableSchema, 'partitionKey' | 'sortKey'>;

/** What a table's keys are made of, and which of their attributes hold the tenant. */
export interface KeyScope {
  /** Attributes of the table's key. */
  readonly key: readonly TableAttribute[];
  /** The table, or the index of that name; undefined where there is none. */
  keyed(indexName: string | undefined): Keyed | undefined;
  /** Whether the attribute is stored with the tenant in front. */
  holdsTenant(attribute: string): boolean;
  /** An item's or a key's plain values, with the tenant in front of those that hold it. */
  enter(values: Readonly<Record<string, unknown>>, prefix: string): Record<string, unknown>;
  /** A key as it came out of `leave`, as it is stored. */
  enterKey(key: RawItem, prefix: string): RawItem;
  /** The item as its tenant knows it. @throws TenantItemError `TENANT_ITEM_FOREIGN` */
  leave(item: RawItem, prefix: string): RawItem;
}

/** @throws ContractError `CONTRACT_INVALID` where a table or an index begins with a number: no tenant fits in front */
export function createKeyScope(tableName: string, schema: TableSchema): KeyScope {
  const indexes: readonly TableIndex[] = schema.indexes ?? [];
  const partitionKeys = [schema, ...indexes].map(({ partitionKey }) => partitionKey);
  const numbers = partitionKeys.filter(({ type }) => type !== 'S').map(({ name }) => `'${name}'`);
  if (numbers.length > 0) {
    throw new ContractError(`table '${tableName}'`, [
      `a table for tenants, and each of its indexes, begins with a string, got the number ${numbers.join(', ')}`,
    ]);
  }
  const unusable = [schema, ...indexes].flatMap(keyAttributesOf).some(({ name }) => name === UNUSABLE_NAME);
  if (unusable) {
    throw new ContractError(`table '${tableName}'`, [`no key may be named '${UNUSABLE_NAME}', which no item can hold`]);
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
        // checked without a tenant, too: what runs in one mode runs in the other
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

/** @throws TenantKeyError `TENANT_KEY_INVALID` for what DynamoDB takes for no key of type S */
export function assertKeyText(tableName: string, name: string, value: unknown): asserts value is string {
  if (typeof value === 'string' && value !== '') return;
  throw new TenantKeyError(`'${name}' of table '${tableName}' must be a string that is not empty, got ${shown(value)}`);
}

export const keyAttributesOf = ({ partitionKey, sortKey }: Keyed): readonly TableAttribute[] =>
  sortKey === undefined ? [partitionKey] : [partitionKey, sortKey];

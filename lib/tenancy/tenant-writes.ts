import { ownMember, shown, type TableAttribute } from '../contracts/index.ts';
import type { UnitOfWork } from '../outbox/index.ts';
import { TenantKeyError } from './errors.ts';
import { assertKeyText, type KeyScope } from './key-scope.ts';
import type { TenantWrites } from './ports.ts';

interface Expressions {
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
}

/** The tenant's writes to one table, as a part of a unit of work. */
export function tenantWrites(
  tx: UnitOfWork,
  tableName: string,
  scope: KeyScope,
  keyPrefix: () => string,
): TenantWrites {
  const keyOf = (values: Readonly<Record<string, unknown>>) => {
    assertKey(tableName, scope, values);
    return scope.enter(values, keyPrefix());
  };
  const keyNames = scope.key.map(({ name }) => name);
  const assertExpressions = (write: Expressions) => {
    refuseMentions(tableName, scope, 'UpdateExpression', write.UpdateExpression, write);
    // whether the key is there says nothing of the tenant in it
    const condition = write.ConditionExpression?.replaceAll(EXISTENCE, ' ');
    refuseMentions(tableName, scope, 'ConditionExpression', condition, write);
  };

  return {
    put(write) {
      for (const attribute of scope.key) assertKeyValue(tableName, attribute, write.Item);
      assertExpressions(write);
      tx.put({ ...write, Item: scope.enter(write.Item, keyPrefix()), TableName: tableName, keyNames });
    },
    update(write) {
      assertExpressions(write);
      tx.update({ ...write, Key: keyOf(write.Key), TableName: tableName });
    },
    delete(write) {
      assertExpressions(write);
      tx.delete({ ...write, Key: keyOf(write.Key), TableName: tableName });
    },
    conditionCheck(write) {
      assertExpressions(write);
      tx.conditionCheck({ ...write, Key: keyOf(write.Key), TableName: tableName });
    },
  };
}

/** @throws TenantKeyError `TENANT_KEY_INVALID` unless `values` are those of the table's key attributes, and no others */
export function assertKey(tableName: string, { key }: KeyScope, values: Readonly<Record<string, unknown>>): void {
  for (const attribute of key) assertKeyValue(tableName, attribute, values);
  const extra = Object.keys(values).filter((name) => !key.some((attribute) => attribute.name === name));
  if (extra.length === 0) return;
  throw new TenantKeyError(
    `a key of table '${tableName}' is '${key.map(({ name }) => name).join("' and '")}', got '${extra.join("', '")}' beside: leave it out`,
  );
}

function assertKeyValue(
  tableName: string,
  { name, type }: TableAttribute,
  values: Readonly<Record<string, unknown>>,
): void {
  const value = ownMember(values, name);
  if (value === undefined) {
    throw new TenantKeyError(`'${name}' is part of the key of table '${tableName}' and is missing: pass it`);
  }
  if (type === 'S') assertKeyText(tableName, name, value);
  // a number may also be one of those that the SDK has for large ones
  else if (typeof value === 'string' || Number.isNaN(value)) {
    throw new TenantKeyError(`'${name}' of table '${tableName}' must be a number, got ${shown(value)}`);
  }
}

const EXISTENCE = /\battribute_(?:not_)?exists\s*\(\s*#?\w+\s*\)/g;

/**
 * Where a path begins: an alias, whatever stands before it (`AND#a`) and whatever it begins with (`#1`); or a name, which
 * no value (`:v`) is. A member (`.name`) is neither.
 */
const PATH_ROOT = /(?<!\.)#\w+|(?<![\w.:#])[A-Za-z_]\w*/g;

function refuseMentions(
  tableName: string,
  scope: KeyScope,
  which: string,
  expression: string | undefined,
  { ExpressionAttributeNames = {} }: Expressions,
): void {
  const aliases = new Map(Object.entries(ExpressionAttributeNames));
  const roots = (expression?.match(PATH_ROOT) ?? []).map((root) => aliases.get(root) ?? root);
  const refused = roots.find(scope.holdsTenant);
  if (refused === undefined) return;
  throw new TenantKeyError(
    `${which} names '${refused}', a key of table '${tableName}' or of one of its indexes, which is stored with the tenant in front: put the whole item to change it, and compare it in code`,
  );
}

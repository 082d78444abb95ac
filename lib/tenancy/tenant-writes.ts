import { ownMember, shown, type TableAttribute } from '../definitions/index.ts';
import type { UnitOfWork } from '../outbox/index.ts';
import { TenantKeyError } from './errors.ts';
import { assertKeyText, type KeyScope } from './key-scope.ts';
import type { TenantWrites } from './ports.ts';

interface Expressions {
  readonly UpdateExpression?: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeNames?: Record<string, string>;
}

/** Creates a tenant's writes to one table, as part of a unit of work. */
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
    // the existence of a key does not depend on its prefix
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

/**
 * @throws TenantKeyError `TENANT_KEY_INVALID` unless `values` has exactly the key attributes of the table
 */
export function assertKey(tableName: string, { key }: KeyScope, values: Readonly<Record<string, unknown>>): void {
  for (const attribute of key) assertKeyValue(tableName, attribute, values);
  const extra = Object.keys(values).filter((name) => !key.some((attribute) => attribute.name === name));
  if (extra.length === 0) return;
  throw new TenantKeyError(
    `a key of table '${tableName}' is '${key.map(({ name }) => name).join("' and '")}', got also '${extra.join("', '")}': remove it`,
  );
}

function assertKeyValue(
  tableName: string,
  { name, type }: TableAttribute,
  values: Readonly<Record<string, unknown>>,
): void {
  const value = ownMember(values, name);
  if (value === undefined) {
    throw new TenantKeyError(`'${name}' is missing: it is part of the key of table '${tableName}'`);
  }
  if (type === 'S') assertKeyText(tableName, name, value);
  // the SDK has other types for large numbers
  else if (typeof value === 'string' || Number.isNaN(value)) {
    throw new TenantKeyError(`'${name}' of table '${tableName}' must be a number, got ${shown(value)}`);
  }
}

const EXISTENCE = /\battribute_(?:not_)?exists\s*\(\s*#?\w+\s*\)/g;

/**
 * The first element of a document path: an alias (`#a`, also directly after a word) or a name. Not a value (`:v`) or a
 * member (`.name`).
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
    `${which} refers to '${refused}', a key of table '${tableName}' or of one of its indexes, which is stored with the tenant's prefix: put the whole item to change it, and compare it in code`,
  );
}

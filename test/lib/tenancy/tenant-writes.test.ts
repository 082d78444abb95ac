import { describe, expect, it } from 'vitest';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import { createTenantTableReader, type TableStore } from '../../../lib/tenancy/index.ts';
import { createKeyScope } from '../../../lib/tenancy/key-scope.ts';
import { assertKey } from '../../../lib/tenancy/tenant-writes.ts';
import { createTenantsRig, NOTES_TABLE } from './tenants-rig.ts';

const sent = () => Promise.reject(new Error('sent'));

/** Nothing is to reach it. */
const UNASKED: TableStore = { get: sent, getBatch: sent, query: sent, write: sent };

const KEY = { orderId: '1', note: 'a' };

const DAYS = {
  partitionKey: { name: 'id', type: 'S' },
  sortKey: { name: 'day', type: 'N' },
} as const satisfies TableSchema;

describe('a tenant’s condition check', () => {
  it('restricts a unit of work to the tenant’s own item', async () => {
    const { notes, outbox, runAsTenant, stored } = createTenantsRig();
    const copyOf = (text: string) =>
      outbox.transact((tx) => {
        const writes = notes.within(tx);
        writes.conditionCheck({
          Key: KEY,
          ConditionExpression: 'attribute_exists(orderId) AND body = :text',
          ExpressionAttributeValues: { ':text': text },
        });
        writes.put({ Item: { orderId: '2', note: 'copy', body: text } });
      });
    await runAsTenant('acme', () => notes.put({ Item: { ...KEY, body: 'of acme' } }));
    await runAsTenant('globex', () => notes.put({ Item: { ...KEY, body: 'of globex' } }));

    await expect(runAsTenant('acme', () => copyOf('of globex'))).rejects.toMatchObject({
      code: 'OUTBOX_CONDITION_FAILED',
    });
    await runAsTenant('acme', () => copyOf('of acme'));

    expect(stored()).toContainEqual({ orderId: 'acme#2', note: 'copy', body: 'of acme' });
  });

  it('refuses a condition on a key', async () => {
    const { notes, outbox, runAsTenant } = createTenantsRig();
    const check = () =>
      outbox.transact((tx) =>
        notes.within(tx).conditionCheck({
          Key: KEY,
          ConditionExpression: 'orderId = :id',
          ExpressionAttributeValues: { ':id': '1' },
        }),
      );

    await expect(runAsTenant('acme', check)).rejects.toMatchObject({
      code: 'TENANT_KEY_INVALID',
      message:
        "ConditionExpression refers to 'orderId', a key of table 'notes' or of one of its indexes, which is stored with the tenant's prefix: put the whole item to change it, and compare it in code",
    });
  });
});

describe('a tenant’s deletion', () => {
  it('is refused if its condition names a key', async () => {
    const { notes, runAsTenant } = createTenantsRig();
    const remove = () =>
      notes.delete({
        Key: KEY,
        ConditionExpression: 'customer = :customer',
        ExpressionAttributeValues: { ':customer': 'ann' },
      });

    await expect(runAsTenant('acme', remove)).rejects.toMatchObject({ code: 'TENANT_KEY_INVALID' });
  });
});

describe('a tenant’s update', () => {
  it('is refused with the name of its expression', async () => {
    const { notes, runAsTenant } = createTenantsRig();
    const update = () =>
      notes.update({
        Key: KEY,
        UpdateExpression: 'SET mood = :mood',
        ExpressionAttributeValues: { ':mood': 'glad' },
      });

    await expect(runAsTenant('acme', update)).rejects.toMatchObject({
      message:
        "UpdateExpression refers to 'mood', a key of table 'notes' or of one of its indexes, which is stored with the tenant's prefix: put the whole item to change it, and compare it in code",
    });
  });

  it('can check if a key exists, next to another name with the same prefix', async () => {
    const { notes, runAsTenant, stored } = createTenantsRig();
    await runAsTenant('acme', async () => {
      await notes.put({ Item: { ...KEY, text: 'x' } });
      await notes.update({
        Key: KEY,
        UpdateExpression: 'SET #text = :text',
        ConditionExpression: 'attribute_exists(orderId)AND attribute_not_exists ( #gone )',
        ExpressionAttributeNames: { '#text': 'text', '#gone': 'mood' },
        ExpressionAttributeValues: { ':text': 'y' },
      });
    });

    expect(stored()).toStrictEqual([{ orderId: 'acme#1', note: 'a', text: 'y' }]);
  });
});

describe('a key', () => {
  const days = createKeyScope('days', DAYS);
  const isKey = (key: Readonly<Record<string, unknown>>) => () => assertKey('days', days, key);

  it.each([1, -1.5, 0, 12n])('can be the number %s', (day) => {
    expect(isKey({ id: 'a', day })).not.toThrow();
  });

  it.each([
    [Number.NaN, "'day' of table 'days' must be a number, got NaN"],
    ['1', "'day' of table 'days' must be a number, got '1'"],
  ])('cannot be %s instead of a number', (day, message) => {
    expect(isKey({ id: 'a', day })).toThrow(expect.objectContaining({ code: 'TENANT_KEY_INVALID', message }));
  });

  it('is refused with every attribute that does not belong to it', () => {
    expect(isKey({ id: 'a', day: 1, hour: 2, minute: 3 })).toThrow(
      expect.objectContaining({
        message: "a key of table 'days' is 'id' and 'day', got also 'hour', 'minute': remove it",
      }),
    );
  });

  it('that DynamoDB cannot store is refused with the table’s name', async () => {
    const { tables: _, keyPrefix } = createTenantsRig('none');
    const reader = createTenantTableReader({
      store: UNASKED,
      tenancy: { keyPrefix },
      tableName: 'days',
      schema: DAYS,
      parse: (item) => item,
    });

    await expect(reader.get({ id: 'a', day: new Date(0) as never })).rejects.toMatchObject({
      message: expect.stringContaining("the key of table 'days'"),
    });
  });
});

describe('a table with another schema', () => {
  const OTHER = { partitionKey: { name: 'customer', type: 'S' } } as const satisfies TableSchema;

  it('is the same table with other keys', async () => {
    const { notes, runAsTenant, stored } = createTenantsRig();
    const other = notes.withSchema(OTHER);

    const outcome = runAsTenant('acme', () => other.put({ Item: { customer: 'ann' } }));

    // the table itself still has its own key
    await expect(outcome).rejects.toMatchObject({ message: expect.not.stringContaining('TENANT') });
    expect(other.tableName).toBe('notes');
    expect(stored()).toStrictEqual([]);
    // @ts-expect-error a key of the other schema
    await expect(runAsTenant('acme', () => other.get({ orderId: '1', note: 'a' }))).rejects.toMatchObject({
      message: "'customer' is missing: it is part of the key of table 'notes'",
    });
  });

  it('reports an invalid query under the given name', () => {
    const { notes } = createTenantsRig();

    expect(notes.queryProblems("view 'notes'", { partition: 'a', sortFrom: 'b' })).toStrictEqual([]);
    expect(notes.withSchema(OTHER).queryProblems("view 'notes'", { partition: 'a', sortFrom: 'b' })).toStrictEqual([
      "sortFrom cannot be used: view 'notes' has no sort key",
    ]);
  });

  it('can also be read by other keys with a read-only client', async () => {
    const asked: unknown[] = [];
    const reader = createTenantTableReader({
      store: {
        ...UNASKED,
        get: async (tableName, key) => void asked.push([tableName, key]),
      },
      tenancy: { keyPrefix: () => 'acme#' },
      tableName: 'notes',
      schema: NOTES_TABLE,
      parse: (item) => item,
    });

    expect(await reader.withSchema(OTHER).get({ customer: 'ann' })).toBeUndefined();
    expect(asked).toStrictEqual([['notes', { customer: { S: 'acme#ann' } }]]);
  });
});

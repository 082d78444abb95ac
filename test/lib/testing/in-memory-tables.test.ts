import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it } from 'vitest';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import { createInMemoryTables } from '../../../lib/testing/index.ts';

const STOCK_TABLE = {
  partitionKey: { name: 'shop', type: 'S' },
  sortKey: { name: 'shelf', type: 'N' },
  indexes: [{ name: 'bySku', partitionKey: { name: 'sku', type: 'S' } }],
} as const satisfies TableSchema;

const KEY = { shop: { S: 'east' }, shelf: { N: '7' } };
const ITEM = {
  ...KEY,
  sku: { S: 'TEA' },
  available: { N: '5' },
  tags: { SS: ['a', 'b'] },
  sizes: { L: [{ N: '1' }, { M: { measure: { S: 'g' } } }] },
  seal: { B: new Uint8Array([1, 2, 3]) },
};

function createStock() {
  const tables = createInMemoryTables({ stock: STOCK_TABLE });
  tables.apply([{ Put: { TableName: 'stock', Item: ITEM } }]);
  return tables;
}

const check = (ConditionExpression: string, values?: object, names?: Record<string, string>): TransactWriteItem[] => [
  {
    ConditionCheck: {
      TableName: 'stock',
      Key: KEY,
      ConditionExpression,
      ...(values && { ExpressionAttributeValues: marshall(values) }),
      ...(names && { ExpressionAttributeNames: names }),
    },
  },
];

const update = (UpdateExpression: string, values?: object): TransactWriteItem[] => [
  {
    Update: {
      TableName: 'stock',
      Key: KEY,
      UpdateExpression,
      ...(values && { ExpressionAttributeValues: marshall(values) }),
    },
  },
];

describe('a condition on tables in memory', () => {
  it.each<[string, object?]>([
    ['available BETWEEN :low AND :high', { ':low': 5, ':high': 6 }],
    ['available IN (:a, :b) AND NOT (available > :a)', { ':a': 5, ':b': 6 }],
    ['begins_with(sku, :start) OR attribute_type(sku, :type)', { ':start': 'X', ':type': 'S' }],
    ['contains(tags, :tag) AND size(sizes) = :two', { ':tag': 'b', ':two': 2 }],
    ['sizes[1].measure = :gram', { ':gram': 'g' }],
    ['seal = :seal', { ':seal': new Uint8Array([1, 2, 3]) }],
    ['attribute_not_exists(gone) AND available <> :none', { ':none': 0 }],
  ])('holds: %s', (condition, values) => {
    expect(createStock().firstRefused(check(condition, values))).toBeUndefined();
  });

  it('fails with the current item', () => {
    const refused = createStock().firstRefused(check('available >= :wanted', { ':wanted': 6 }));

    expect(refused).toStrictEqual({ index: 0, item: ITEM });
  });

  it.each([
    ['available ~ :x', { ':x': 1 }, 'Invalid ConditionExpression: Syntax error'],
    ['available = :x', { ':y': 1 }, 'An expression attribute value used in expression is not defined'],
    ['size = :x', { ':x': 1 }, 'Attribute name is a reserved keyword; reserved keyword: size'],
    ['available = :x', { ':x': 1, ':y': 2 }, 'Value provided in ExpressionAttributeValues unused in expressions'],
  ])('is refused with the message of DynamoDB: %s with %o', (condition, values, message) => {
    expect(() => createStock().firstRefused(check(condition, values))).toThrow(
      expect.objectContaining({ name: 'ValidationException', message: expect.stringContaining(message) }),
    );
  });
});

describe('an update of tables in memory', () => {
  it('sets, counts, appends, adds and removes', () => {
    const tables = createStock();

    tables.apply(
      update(
        'SET available = available - :two, sizes = list_append(sizes, :more), note = if_not_exists(note, :note) REMOVE seal DELETE tags :b ADD taken :two',
        { ':two': 2, ':more': ['x'], ':note': 'new', ':b': new Set(['b']) },
      ),
    );

    expect(tables.get('stock', KEY)).toStrictEqual({
      ...KEY,
      sku: { S: 'TEA' },
      available: { N: '3' },
      tags: { SS: ['a'] },
      sizes: { L: [{ N: '1' }, { M: { measure: { S: 'g' } } }, { S: 'x' }] },
      note: { S: 'new' },
      taken: { N: '2' },
    });
  });

  it('reports an error of an operand on its write', () => {
    const refused = createStock().firstRefused(update('SET available = absentees + :one', { ':one': 1 }));

    expect(refused).toStrictEqual({
      index: 0,
      item: ITEM,
      fault: {
        code: 'ValidationError',
        message: 'The provided expression refers to an attribute that does not exist in the item',
      },
    });
  });

  it('reports a failed condition before an error of a later write', () => {
    const refused = createStock().firstRefused([
      {
        Delete: {
          TableName: 'stock',
          Key: { ...KEY, shelf: { N: '8' } },
          ConditionExpression: 'attribute_exists(shop)',
        },
      },
      ...update('SET available = absentees'),
    ]);

    expect(refused).toStrictEqual({ index: 0, item: undefined });
  });

  it('does not change a key', () => {
    const refused = createStock().firstRefused(update('SET shelf = :other', { ':other': 8 }));

    expect(refused?.fault?.message).toBe(
      'One or more parameter values were invalid: Cannot update attribute shelf. This attribute is part of the key',
    );
  });
});

describe('tables in memory', () => {
  it('compare numbers by their value, also in keys', () => {
    expect(createStock().get('stock', { ...KEY, shelf: { N: '7.0' } })).toStrictEqual(ITEM);
  });

  it('apply all writes of a transaction or none', () => {
    const tables = createStock();

    expect(() =>
      tables.apply([
        { Delete: { TableName: 'stock', Key: KEY } },
        ...check('available = :none', { ':none': 0 }).map(({ ConditionCheck }) => ({
          ConditionCheck: ConditionCheck && { ...ConditionCheck, Key: { ...KEY, shelf: { N: '8' } } },
        })),
      ]),
    ).toThrow(expect.objectContaining({ name: 'ConditionalCheckFailedException' }));
    expect(tables.items('stock')).toStrictEqual([ITEM]);
  });

  it('refuse two operations on one item', () => {
    expect(() => createStock().firstRefused([...update('REMOVE seal'), ...check('attribute_exists(sku)')])).toThrow(
      expect.objectContaining({
        name: 'ValidationException',
        message: 'Transaction request cannot include multiple operations on one item',
      }),
    );
  });

  it.each([
    [{ ...ITEM, shelf: { S: '7' } }, 'Type mismatch for key shelf expected: N actual: S'],
    [{ shop: { S: 'east' } }, 'Missing the key shelf in the item'],
    [{ ...ITEM, sku: { N: '1' } }, 'Type mismatch for Index Key sku Expected: S Actual: N IndexName: bySku'],
  ])('refuse an item that does not fit the keys: %o', (Item, message) => {
    const refused = createStock().firstRefused([{ Put: { TableName: 'stock', Item } }]);

    expect(refused?.fault).toMatchObject({ code: 'ValidationError', message: expect.stringContaining(message) });
  });

  it('refuse an empty update, as a transaction of DynamoDB does', () => {
    expect(() =>
      createStock().firstRefused([{ Update: { TableName: 'stock', Key: KEY, UpdateExpression: undefined } }]),
    ).toThrow(
      expect.objectContaining({ name: 'ValidationException', message: expect.stringContaining('updateExpression') }),
    );
  });

  it.each([
    [4096, undefined],
    [4097, 'Invalid UpdateExpression: Expression size has exceeded the maximum allowed size; expression size: 4097'],
  ])('accept expressions of at most 4096 bytes: %d', (bytes, message) => {
    const said = () => createStock().firstRefused(update('SET note = :x'.padEnd(bytes), { ':x': 1 }));

    if (message === undefined) expect(said()).toBeUndefined();
    else expect(said).toThrow(expect.objectContaining({ name: 'ValidationException', message }));
  });

  it.each([
    [31, undefined],
    [
      32,
      'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
    ],
  ])('accept up to 31 nested maps around a value: %d', (maps, message) => {
    let nested: AttributeValue = { S: 'heart' };
    for (let map = 0; map < maps; map++) nested = map % 2 === 0 ? { M: { inner: nested } } : { L: [nested] };

    const put = createStock().firstRefused([{ Put: { TableName: 'stock', Item: { ...ITEM, nested } } }]);
    const set = createStock().firstRefused([
      {
        Update: {
          TableName: 'stock',
          Key: KEY,
          UpdateExpression: 'SET nested = :n',
          ExpressionAttributeValues: { ':n': nested },
        },
      },
    ]);

    expect([put?.fault?.message, set?.fault?.message]).toStrictEqual([message, message]);
  });

  it.each([
    [2048, undefined],
    [
      2049,
      'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes',
    ],
  ])('accept index keys up to the length of table keys: %d bytes', (bytes, message) => {
    const refused = createStock().firstRefused([
      { Put: { TableName: 'stock', Item: { ...ITEM, sku: { S: 'x'.repeat(bytes) } } } },
    ]);

    expect(refused?.fault?.message).toBe(message);
  });

  it('refuse an unknown table, and name the existing ones', () => {
    expect(() => createStock().get('stocks', KEY)).toThrow(
      expect.objectContaining({
        name: 'ResourceNotFoundException',
        message: expect.stringContaining("Table: stocks not found; there are 'stock'"),
      }),
    );
  });
});

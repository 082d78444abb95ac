import { describe, expect, it } from 'vitest';
import type { ParsedUpdate } from '../../../../lib/testing/dynamodb/expressions.ts';
import type { AttributeValue, Item } from '../../../../lib/testing/dynamodb/item.ts';
import { applyUpdate } from '../../../../lib/testing/dynamodb/update-item.ts';
import { parseRequest } from '../../../../local/dynamodb/dynalite.ts';
import { shapeOf } from '../../../../local/dynamodb/request-rules.ts';

const texts = (...members: string[]): AttributeValue => ({ L: members.map((S) => ({ S })) });

const ITEM: Item = {
  n: { N: '1' },
  tags: { SS: ['a', 'b'] },
  li: texts('a', 'b', 'c'),
  mp: { M: { x: { N: '1' }, deep: { M: { y: { S: 'y' } } } } },
};

const update = (UpdateExpression: string, values?: Item): Item => {
  const request = parseRequest<{ _updates: ParsedUpdate }>(shapeOf('updateItem'), {
    TableName: 'Orders',
    Key: { id: { S: '1' } },
    UpdateExpression,
    ExpressionAttributeValues: values,
  });
  return applyUpdate(ITEM, request._updates);
};

const cases: readonly (readonly [expression: string, values: Item | undefined, changed: Item])[] = [
  ['SET n = n + :v', { ':v': { N: '0.5' } }, { n: { N: '1.5' } }],
  ['SET n = :v - n', { ':v': { N: '0.5' } }, { n: { N: '-0.5' } }],
  ['SET k = if_not_exists(k, :v)', { ':v': { N: '7' } }, { k: { N: '7' } }],
  ['SET n = if_not_exists(n, :v)', { ':v': { N: '7' } }, {}],
  ['SET li = list_append(li, :v)', { ':v': texts('d') }, { li: texts('a', 'b', 'c', 'd') }],
  ['SET li = list_append(:v, li)', { ':v': texts('d') }, { li: texts('d', 'a', 'b', 'c') }],
  ['SET li[1] = :v', { ':v': { S: 'B' } }, { li: texts('a', 'B', 'c') }],
  [
    'SET li[9] = :v, li[7] = n',
    { ':v': { S: 'z' } },
    { li: { L: [...(texts('a', 'b', 'c').L ?? []), { N: '1' }, { S: 'z' }] } },
  ],
  [
    'SET twin = mp, mp.x = :v',
    { ':v': { N: '2' } },
    {
      twin: { M: { x: { N: '1' }, deep: { M: { y: { S: 'y' } } } } },
      mp: { M: { x: { N: '2' }, deep: { M: { y: { S: 'y' } } } } },
    },
  ],
  ['SET a = n ADD n :v', { ':v': { N: '1' } }, { a: { N: '1' }, n: { N: '2' } }],
  ['REMOVE li[0], li[2]', undefined, { li: texts('b') }],
  ['REMOVE li[7], gone', undefined, {}],
  ['REMOVE mp.deep.y', undefined, { mp: { M: { x: { N: '1' }, deep: { M: {} } } } }],
  ['SET li[0] = :v REMOVE li[1]', { ':v': { S: 'A' } }, { li: texts('A', 'c') }],
  ['ADD k :v', { ':v': { N: '3' } }, { k: { N: '3' } }],
  ['ADD tags :v', { ':v': { SS: ['b', 'c'] } }, { tags: { SS: ['a', 'b', 'c'] } }],
  ['DELETE tags :v', { ':v': { SS: ['b', 'c'] } }, { tags: { SS: ['a'] } }],
  ['DELETE gone :v', { ':v': { SS: ['b'] } }, {}],
];

describe('an update expression', () => {
  it.each(cases)('%s', (expression, values, changed) => {
    const before = structuredClone(ITEM);

    const after = update(expression, values);

    expect(after).toEqual({ ...ITEM, ...changed });
    expect(ITEM).toEqual(before);
  });

  it('removes a set that lost its last member', () => {
    const after = update('DELETE tags :v', { ':v': { SS: ['a', 'b'] } });

    expect(after).not.toHaveProperty('tags');
  });

  it('refuses a number of more than 38 digits', () => {
    expect(() => update('ADD n :v', { ':v': { N: '0.00000000000000000000000000000000000001' } })).toThrow(
      'Number overflow. Attempting to store a number with magnitude larger than supported range',
    );
  });

  it.each(['SET gone.x = :v', 'SET n.x = :v', 'SET mp[0] = :v', 'SET mp.gone.x = :v'])(
    'refuses %s, because the path does not exist',
    (expression) => {
      expect(() => update(expression, { ':v': { N: '1' } })).toThrow(
        'The document path provided in the update expression is invalid for update',
      );
    },
  );
});

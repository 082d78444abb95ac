import { expect, it } from 'vitest';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import { createKeyScope } from '../../../lib/tenancy/key-scope.ts';

const S = (name: string) => ({ name, type: 'S' }) as const;
const N = (name: string) => ({ name, type: 'N' }) as const;

it.each<[TableSchema, string]>([
  [
    { partitionKey: N('year'), indexes: [{ name: 'byDay', partitionKey: N('day') }] },
    "table 'visits' is not valid: partition keys of a tenant's table and of its indexes must be strings, got the number 'year', 'day'",
  ],
  [{ partitionKey: S('__proto__') }, "table 'visits' is not valid: no key may be named '__proto__'"],
  [
    { partitionKey: S('id'), indexes: [{ name: 'byDay', partitionKey: S('day'), sortKey: S('__proto__') }] },
    "table 'visits' is not valid: no key may be named '__proto__'",
  ],
])('a key scope refuses the table %j', (schema, message) => {
  expect(() => createKeyScope('visits', schema)).toThrow(
    expect.objectContaining({ code: 'CONTRACT_INVALID', message }),
  );
});

it('a key scope knows its keys, and which of them contain the tenant', () => {
  const scope = createKeyScope('visits', {
    partitionKey: S('customer'),
    sortKey: S('place'),
    indexes: [{ name: 'byMood', partitionKey: S('mood') }],
  });

  expect(scope.key).toStrictEqual([S('customer'), S('place')]);
  expect(['customer', 'place', 'mood'].map(scope.holdsTenant)).toStrictEqual([true, false, true]);
  expect(scope.keyed('byMood')).toStrictEqual({ name: 'byMood', partitionKey: S('mood') });
  expect(scope.keyed('byDay')).toBeUndefined();
});

it('a key scope leaves values without a tenant unchanged, and allows missing attributes', () => {
  const scope = createKeyScope('visits', {
    partitionKey: S('customer'),
    indexes: [{ name: 'byMood', partitionKey: S('mood') }],
  });

  expect(scope.enter({ customer: 'ann', day: 3 }, 'acme#')).toStrictEqual({ customer: 'acme#ann', day: 3 });
  expect(scope.enterKey({ customer: { S: 'ann' }, day: { N: '3' } }, 'acme#')).toStrictEqual({
    customer: { S: 'acme#ann' },
    day: { N: '3' },
  });
  expect(scope.leave({ customer: { S: 'acme#ann' }, day: { N: '3' } }, 'acme#')).toStrictEqual({
    customer: { S: 'ann' },
    day: { N: '3' },
  });
});

it.each([{ customer: { N: '1' } }, { customer: { S: 'globex#ann' } }])(
  'a key scope does not return %j to acme',
  (item) => {
    const scope = createKeyScope('visits', { partitionKey: S('customer') });

    expect(() => scope.leave(item as never, 'acme#')).toThrow(expect.objectContaining({ code: 'TENANT_ITEM_FOREIGN' }));
  },
);

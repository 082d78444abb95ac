import { describe, expect, it } from 'vitest';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import { createKeyScope } from '../../../lib/tenancy/key-scope.ts';
import { writePageToken } from '../../../lib/tenancy/page-token.ts';
import type { TenantQuery } from '../../../lib/tenancy/ports.ts';
import { queryProblems, tableRequest } from '../../../lib/tenancy/tenant-query.ts';

const VISITS = {
  partitionKey: { name: 'customer', type: 'S' },
  sortKey: { name: 'place', type: 'S' },
  indexes: [
    { name: 'byRank', partitionKey: { name: 'customer', type: 'S' }, sortKey: { name: 'rank', type: 'N' } },
    { name: 'byPlace', partitionKey: { name: 'place', type: 'S' } },
  ],
} as const satisfies TableSchema;

const PLAIN = { partitionKey: { name: 'id', type: 'S' } } as const satisfies TableSchema;

const requestOf = (query: TenantQuery, { prefix = 'acme#', schema = VISITS as TableSchema } = {}) =>
  tableRequest({ tableName: 'visits', schema, scope: createKeyScope('visits', schema) }, query, prefix);

describe('a tenant’s query', () => {
  it('requests the whole partition, also if the sort key contains the tenant', () => {
    expect(requestOf({ partition: 'ann' }).request).toStrictEqual({
      tableName: 'visits',
      indexName: undefined,
      partition: { attribute: 'customer', value: { S: 'acme#ann' } },
      sort: { attribute: 'place', beginsWith: 'acme#' },
      keyAttributes: ['customer', 'place'],
      limit: 100,
      startKey: undefined,
      newestFirst: false,
    });
  });

  it('requests no sort key prefix if there are no tenants', () => {
    expect(requestOf({ partition: 'ann' }, { prefix: '' }).request.sort).toStrictEqual({
      attribute: 'place',
      beginsWith: undefined,
    });
  });

  it('has no sort key condition if the table has no sort key', () => {
    const { request } = requestOf({ partition: 'ann' }, { schema: PLAIN });

    expect(request).toMatchObject({ sort: undefined, keyAttributes: ['id'] });
  });

  it.each([
    [{ sortFrom: 'a' }, { from: { S: 'acme#a' }, to: { S: 'acme$' } }],
    [{ sortTo: 'b' }, { from: { S: 'acme#' }, to: { S: 'acme#b' } }],
    [
      { sortFrom: 'a', sortTo: 'a' },
      { from: { S: 'acme#a' }, to: { S: 'acme#a' } },
    ],
  ])('keeps the range %j inside the tenant', (range, bounds) => {
    expect(requestOf({ partition: 'ann', ...range }).request.sort).toStrictEqual({
      attribute: 'place',
      beginsWith: undefined,
      ...bounds,
    });
  });

  it.each([
    [{ sortFrom: 1 }, { from: { N: '1' }, to: undefined }],
    [{ sortTo: 2 }, { from: undefined, to: { N: '2' } }],
    [
      { sortFrom: -1, sortTo: 0 },
      { from: { N: '-1' }, to: { N: '0' } },
    ],
  ])('keeps the open bounds of the number range %j', (range, bounds) => {
    expect(requestOf({ indexName: 'byRank', partition: 'ann', ...range }).request.sort).toStrictEqual({
      attribute: 'rank',
      beginsWith: undefined,
      ...bounds,
    });
  });

  describe('with a page token', () => {
    const start = (query: TenantQuery, place: Record<string, { S: string } | { N: string }>) =>
      requestOf({ ...query, after: writePageToken(requestOf(query).owner, place) }).request.startKey;

    it('starts after the stored key of the previous page', () => {
      expect(start({ partition: 'ann' }, { customer: { S: 'ann' }, place: { S: 'bath' } })).toStrictEqual({
        customer: { S: 'acme#ann' },
        place: { S: 'acme#bath' },
      });
    });

    it('includes the keys of the index and of the table, each attribute once', () => {
      const place = { customer: { S: 'ann' }, place: { S: 'bath' }, rank: { N: '2' } };

      expect(start({ indexName: 'byRank', partition: 'ann', sortFrom: 2, sortTo: 2 }, place)).toStrictEqual({
        customer: { S: 'acme#ann' },
        place: { S: 'acme#bath' },
        rank: { N: '2' },
      });
      expect(
        start({ indexName: 'byPlace', partition: 'bath' }, { customer: { S: 'ann' }, place: { S: 'bath' } }),
      ).toStrictEqual({ customer: { S: 'acme#ann' }, place: { S: 'acme#bath' } });
    });

    it.each<[string, TenantQuery, string]>([
      ['another partition', { partition: 'bob' }, 'bath'],
      ['another beginning', { partition: 'ann', sortBeginsWith: 'ba' }, 'york'],
      ['a place whose end is the beginning', { partition: 'ann', sortBeginsWith: 'th' }, 'bath'],
      ['a place before the range', { partition: 'ann', sortFrom: 'c' }, 'bath'],
      ['a place after the range', { partition: 'ann', sortTo: 'b' }, 'bath'],
    ])('refuses a key of %s', (_, query, place) => {
      expect(() => start(query, { customer: { S: 'ann' }, place: { S: place } })).toThrow(
        expect.objectContaining({ code: 'TENANT_PAGE_INVALID' }),
      );
    });

    it.each<[string, TenantQuery]>([
      ['before', { indexName: 'byRank', partition: 'ann', sortFrom: 10 }],
      ['after', { indexName: 'byRank', partition: 'ann', sortTo: 1 }],
    ])('refuses a key with a number %s the range', (_, query) => {
      expect(() => start(query, { customer: { S: 'ann' }, place: { S: 'bath' }, rank: { N: '9' } })).toThrow(
        expect.objectContaining({ code: 'TENANT_PAGE_INVALID' }),
      );
    });
  });
});

describe('an invalid query', () => {
  it.each<[string, TableSchema, TenantQuery, readonly string[]]>([
    ['nothing, at the largest page', VISITS, { partition: 'a', limit: 1000 }, []],
    ['nothing, at the smallest page', VISITS, { partition: 'a', limit: 1 }, []],
    ['nothing, with a range of one text', VISITS, { partition: 'a', sortFrom: 'x', sortTo: 'x' }, []],
    [
      'nothing, with a range of one number',
      VISITS,
      { indexName: 'byRank', partition: 'a', sortFrom: 3, sortTo: 3 },
      [],
    ],
    [
      'nothing, with the largest numbers',
      VISITS,
      { indexName: 'byRank', partition: 'a', sortFrom: -9_007_199_254_740_991, sortTo: 9_007_199_254_740_991 },
      [],
    ],
    [
      'a page that is too large',
      VISITS,
      { partition: 'a', limit: 1001 },
      ['limit must be a whole number of items from 1 to 1000, got 1001'],
    ],
    [
      'a sort key that there is not',
      PLAIN,
      { partition: 'a', sortFrom: 'a', sortTo: 'b' },
      ["sortFrom and sortTo cannot be used: table 'visits' has no sort key"],
    ],
    [
      'an index of a table without any',
      PLAIN,
      { indexName: 'byRank', partition: 'a' },
      ["table 'visits' has no index 'byRank': its indexes are none"],
    ],
    [
      'a number that is too large',
      VISITS,
      { indexName: 'byRank', partition: 'a', sortTo: 9_007_199_254_740_992 },
      [
        "sortTo must be a number within ±(2^53 - 1), like the sort key 'rank' of index 'byRank' of table 'visits', got 9007199254740992: omit it for no bound",
      ],
    ],
    [
      'texts whose bytes are the other way round',
      VISITS,
      { partition: 'a', sortFrom: '\u{1f600}', sortTo: '\uff01' },
      ["sortFrom must not come after sortTo in table 'visits', got '\u{1f600}' and '\uff01': swap them"],
    ],
    [
      'two members that are misspelt',
      VISITS,
      { partition: 'a', from: 1, to: 2 } as unknown as TenantQuery,
      [
        "a query of table 'visits' accepts only indexName, partition, sortBeginsWith, sortFrom, sortTo, limit, after, newestFirst, got 'from', 'to'",
      ],
    ],
    [
      'nothing at all',
      VISITS,
      null as unknown as TenantQuery,
      ["a query of table 'visits' must be { partition, … }, got null"],
    ],
  ])('is refused with the problem: %s', (_, schema, query, problems) => {
    expect(queryProblems("table 'visits'", schema, query)).toStrictEqual(problems);
  });
});

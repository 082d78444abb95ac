import { describe, expect, it } from 'vitest';
import type { TableSchema } from '../../../lib/definitions/index.ts';
import { changeSince, generationSchemaOf, isSameView } from '../../../lib/projection/generation-schema.ts';

const S = (name: string) => ({ name, type: 'S' }) as const;

const BY_OWNER = { name: 'byOwner', partitionKey: S('owner') };
const BY_CITY = { name: 'byCity', partitionKey: S('city') };

const made = (schema: Partial<TableSchema> = {}, tableName = 'view') =>
  generationSchemaOf({ partitionKey: S('id'), indexes: [BY_OWNER], ...schema }, tableName);

const SORTED = made({ sortKey: S('day') });

describe('the schema of a generation', () => {
  it('contains only the table, its key and its indexes', () => {
    expect(generationSchemaOf({ partitionKey: S('id') }, 'view')).toStrictEqual({
      tableName: 'view',
      partitionKey: S('id'),
      indexes: [],
    });
    expect(SORTED).toStrictEqual({
      tableName: 'view',
      partitionKey: S('id'),
      sortKey: S('day'),
      indexes: [BY_OWNER],
    });
  });

  it.each([
    ['the same', made(), true],
    ['not known', undefined, true],
    ['another table', made({}, 'replaced'), false],
    ['a table of another key', made({ partitionKey: S('other') }), false],
    ['a table with a sort key', SORTED, false],
    ['a table of a numeric sort key', made({ sortKey: { name: 'day', type: 'N' } }), false],
    ['without one of the indexes', made({ indexes: [] }), false],
    ['with one index more', made({ indexes: [BY_OWNER, BY_CITY] }), false],
    ['with an index of another key', made({ indexes: [{ ...BY_OWNER, sortKey: S('day') }] }), false],
  ])('is compared with the code’s schema: %s', (_, other, isSame) => {
    expect(isSameView(other, made())).toBe(isSame);
  });

  it.each([
    ['nothing of the table', { madeIn: made() }, undefined, undefined],
    ['nothing of an index that both have', { madeIn: made() }, 'byOwner', undefined],
    ['nothing where older code has kept nothing of it', {}, 'byOwner', undefined],
    [
      'the key, in a table of the same name',
      { madeIn: SORTED },
      undefined,
      "table 'view' with the key 'id' (S) replaced table 'view' with the key 'id' (S) and 'day' (S)",
    ],
    ['an index', { madeIn: made({ indexes: [] }) }, 'byOwner', "index 'byOwner' of its table was added or changed"],
    ['an index that is not asked for', { madeIn: made({ indexes: [] }) }, undefined, undefined],
    [
      'another table in between',
      { madeIn: made(), abandoned: true },
      undefined,
      'its table was replaced and it received no events',
    ],
  ])('reports what has changed since: %s', (_, generation, indexName, change) => {
    expect(changeSince(generation, made(), indexName)).toBe(change);
  });
});

import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineSync, detect, notProvided, reference } from '../../../lib/definitions/index.ts';

const product = z.object({
  sku: z.string(),
  price: z.number(),
  note: z.string().optional(),
  categoryId: z.string().optional(),
});

const rowA = z.object({
  SKU: z.string(),
  NET: z.number(),
  NOTE: z.string().optional(),
  CATEGORY: z.string().optional(),
  MODIFIED: z.string(),
  ACTIVE: z.boolean(),
});

const categories = { name: 'categories' };
const base = { name: 'products', entity: 'product', schema: product } as const;
const cursor = { kind: 'timestamp', field: 'MODIFIED' } as const;
const mapping = {
  sku: 'SKU',
  price: (row: z.infer<typeof rowA>) => Math.round(row.NET * 100),
  note: 'NOTE',
  categoryId: reference(categories, 'CATEGORY'),
} as const;

describe('detect', () => {
  it('takes names of fields, functions of the row, references, and fields that the provider has not', () => {
    const sync = defineSync({
      ...base,
      match: ({ sku }) => sku,
      ownership: { price: ['supplier-a'] },
      ignore: ['note'],
      providers: {
        'supplier-a': detect({
          schema: rowA,
          id: 'SKU',
          cursor: { kind: 'timestamp', field: 'MODIFIED', lagSeconds: 60, overlapSeconds: 60 },
          filter: (row) => row.ACTIVE,
          mapping: {
            sku: 'SKU',
            price: (row) => Math.round(row.NET * 100),
            note: notProvided,
            categoryId: reference(categories, 'CATEGORY'),
          },
        }),
        'supplier-b': detect({ schema: rowA, id: 'SKU', cursor: { kind: 'opaque' }, mapping }),
      },
    });

    expect(Object.keys(sync.providers)).toStrictEqual(['supplier-a', 'supplier-b']);
    expect(sync.providers['supplier-a']).toMatchObject({ version: 'MODIFIED', everyMinutes: 15, partialRows: false });
    expect(sync.providers['supplier-b']).toMatchObject({ version: undefined, deletes: { kind: 'reported' } });
  });

  it('refuses a cursor, an id and a version that are no field of the row, or of another type', () => {
    // @ts-expect-error: 'CHANGED' is no field
    detect({ schema: rowA, id: 'SKU', cursor: { kind: 'timestamp', field: 'CHANGED' }, mapping });
    // @ts-expect-error: a number is no time
    detect({ schema: rowA, id: 'SKU', cursor: { kind: 'timestamp', field: 'NET' }, mapping });
    // @ts-expect-error: 'sku' is no field
    detect({ schema: rowA, id: 'sku', cursor, mapping });
    // @ts-expect-error: a boolean is no version
    detect({ schema: rowA, id: 'SKU', cursor, version: 'ACTIVE', mapping });
    // @ts-expect-error: 'PRICE' is no field
    detect({ schema: rowA, id: 'SKU', cursor, mapping: { ...mapping, price: 'PRICE' } });
    // @ts-expect-error: 'CAT' is no field
    detect({ schema: rowA, id: 'SKU', cursor, mapping: { ...mapping, categoryId: reference(categories, 'CAT') } });
    // @ts-expect-error: the row has no 'GROSS'
    detect({ schema: rowA, id: 'SKU', cursor, mapping: { ...mapping, price: (row) => row.GROSS } });
  });
});

describe('defineSync', () => {
  const supplier = detect({ schema: rowA, id: 'SKU', cursor, mapping });

  it('refuses a mapping that lacks a field, has another one, or gives another type', () => {
    const { note: _note, ...withoutNote } = mapping;
    const lacking = detect({ schema: rowA, id: 'SKU', cursor, mapping: withoutNote });
    const more = detect({ schema: rowA, id: 'SKU', cursor, mapping: { ...mapping, colour: 'NOTE' } });
    const mistyped = detect({ schema: rowA, id: 'SKU', cursor, mapping: { ...mapping, price: 'SKU' } });
    const computed = detect({ schema: rowA, id: 'SKU', cursor, mapping: { ...mapping, price: () => 'free' } });

    // @ts-expect-error: no 'note'
    defineSync({ ...base, providers: { a: lacking } });
    // @ts-expect-error: the entity has no 'colour'
    defineSync({ ...base, providers: { a: more } });
    // @ts-expect-error: a text is no price
    defineSync({ ...base, providers: { a: mistyped } });
    // @ts-expect-error: a text is no price
    defineSync({ ...base, providers: { a: computed } });
  });

  it('refuses owners, ignored fields and sets that do not exist', () => {
    expect(() =>
      defineSync({
        ...base,
        providers: { 'supplier-a': supplier },
        // @ts-expect-error: no such provider
        ownership: { price: ['supplier-b'] },
        // @ts-expect-error: no such field
        ignore: ['colour'],
        // @ts-expect-error: no such field
        sets: ['tags'],
      }),
    ).toThrow(
      "sync 'products' is not valid: ownership of 'price' names 'supplier-b', which is none of 'supplier-a'; ignore names the field 'colour', which no provider maps; sets names the field 'tags', which no provider maps",
    );
  });

  it('knows the service itself among owners, and refuses a provider of its name', () => {
    const sync = defineSync({
      ...base,
      providers: { 'supplier-a': supplier },
      ownership: { price: ['local', 'supplier-a'] },
    });

    expect(sync.ownership).toStrictEqual({ price: ['local', 'supplier-a'] });
    expect(sync.providers['supplier-a'].outbound).toBe(false);
    expect(() => defineSync({ ...base, providers: { local: supplier } })).toThrow(
      "provider 'local': its name must not be 'local', which is the service itself",
    );
  });

  it('names every problem at once', () => {
    const odd = detect({
      schema: rowA,
      id: 'SKU',
      cursor: { kind: 'timestamp', field: 'MODIFIED', lagSeconds: 300, overlapSeconds: 60 },
      deletes: { kind: 'reconcile', everyHours: 0, maxRatio: 2, maxCount: 0.5 },
      everyMinutes: 0,
      mapping,
    });

    expect(() => defineSync({ ...base, name: 'Products', entity: '', providers: { 'Supplier A': odd } })).toThrow(
      "sync 'Products' is not valid: name must be 1 to 32 lower-case letters, digits and hyphens, starting with a letter, got 'Products'; entity must be 1 to 32 lower-case letters, digits and hyphens, starting with a letter, got ''; provider 'Supplier A': its name must be 1 to 32 lower-case letters, digits and hyphens, starting with a letter, got 'Supplier A'; provider 'Supplier A': everyMinutes must be a whole number from 1 to 10080, got 0; provider 'Supplier A': overlapSeconds must be a whole number from lagSeconds (300) to 604800, got 60: a row can appear as late as the lag; provider 'Supplier A': everyHours must be a whole number from 1 to 8784, got 0; provider 'Supplier A': maxRatio must be from 0 to 1, got 2; provider 'Supplier A': maxCount must be a whole number from 0, got 0.5",
    );
    expect(() => defineSync({ ...base, providers: {} })).toThrow('providers must have at least one provider, got none');
  });
});

import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { defineSync, detect, notProvided, reference } from '../../../lib/definitions/index.ts';
import { createMemorySource } from '../../../lib/testing/memory-source.ts';
import { ago, createSyncRig, mapping, product, type Row, row, rowSchema, supplierOf } from './sync-rig.ts';

const cursor = { kind: 'timestamp', field: 'MODIFIED' } as const;
const opaqueRow = z.object({ ean: z.string(), label: z.string(), cents: z.number() });
type OpaqueRow = z.infer<typeof opaqueRow>;

/** Supplier A owns the price; supplier B names products, and reports deletes. */
const catalogSync = defineSync({
  name: 'products',
  entity: 'product',
  schema: product,
  match: ({ sku }) => sku,
  ownership: { price: ['supplier-a', 'supplier-b'] },
  providers: {
    'supplier-a': detect({ schema: rowSchema, id: 'SKU', cursor, mapping }),
    'supplier-b': detect({
      schema: opaqueRow,
      id: 'ean',
      cursor: { kind: 'opaque' },
      mapping: { sku: (each) => each.ean.replace('ean-', ''), name: 'label', price: 'cents' },
    }),
  },
});

const rigOf = (match?: (key: string) => Promise<string | undefined>) => {
  const a = supplierOf();
  const b = createMemorySource<OpaqueRow>({ id: 'ean', label: 'supplier-b' });
  const rig = createSyncRig(catalogSync, {
    sources: { 'supplier-a': a, 'supplier-b': b },
    ...(match !== undefined && { match }),
  });
  const run = (provider: 'supplier-a' | 'supplier-b') => rig.run({ provider });
  return { a, b, rig, run };
};

describe('two providers of one entity', () => {
  it('make one product, of which each field is its first owner’s, else the last speaker’s', async () => {
    const { a, b, rig, run } = rigOf();
    b.put({ ean: 'ean-1', label: 'Lampe', cents: 90 });
    await run('supplier-b');
    a.put(row('1', ago(3600), { NAME: 'Lamp', NET: 1 }));
    await run('supplier-a');
    b.put({ ean: 'ean-1', label: 'Tischlampe', cents: 80 });
    await run('supplier-b');

    expect(rig.catalog()).toStrictEqual([{ sku: '1', name: 'Tischlampe', price: 100 }]);
    expect(rig.applied).toMatchObject([
      { kind: 'created', provider: 'supplier-b' },
      { kind: 'updated', provider: 'supplier-a', changed: ['name', 'price'] },
      { kind: 'updated', provider: 'supplier-b', changed: ['name'] },
    ]);
  });

  it('delete it with the last of them; until then the other’s fields count', async () => {
    const { a, b, rig, run } = rigOf();
    a.put(row('1', ago(3600), { NAME: 'Lamp', NET: 1 }));
    await run('supplier-a');
    b.put({ ean: 'ean-1', label: 'Lampe', cents: 90 });
    await run('supplier-b');
    a.delete('1');
    await rig.carry({ kind: 'delete', externalId: '1' }, { provider: 'supplier-a' });
    await rig.drain();
    const between = rig.catalog();
    b.delete('ean-1');
    await run('supplier-b');

    expect(between).toStrictEqual([{ sku: '1', name: 'Lampe', price: 90 }]);
    expect(rig.catalog()).toStrictEqual([]);
    expect(rig.applied.map(({ kind }) => kind)).toStrictEqual(['created', 'updated', 'updated', 'deleted']);
  });

  it('join an entity that was here before the sync', async () => {
    const { a, rig, run } = rigOf(async (key) => (key === '1' ? 'p-before' : undefined));
    await rig.products.put({ Item: { localId: 'p-before', entity: { sku: '1', name: 'Old', price: 5 } } });
    a.put(row('1', ago(3600)));

    await run('supplier-a');

    expect(rig.applied).toMatchObject([{ kind: 'updated', localId: 'p-before', before: { name: 'Old' } }]);
  });

  it('make no entity twice if both bring a new one at a time', async () => {
    const { a, b, rig } = rigOf();
    a.put(row('1', ago(3600)));
    b.put({ ean: 'ean-1', label: 'Lampe', cents: 90 });
    await rig.request({ provider: 'supplier-a' });
    await rig.request({ provider: 'supplier-b' });
    const [first, second] = rig.due();
    if (first === undefined || second === undefined) throw new Error('two runs are due');

    expect(await Promise.all([rig.deliver(first), rig.deliver(second)])).toStrictEqual(['handled', 'handled']);
    expect(new Set(rig.published().map(({ localId }) => localId)).size).toBe(1);
    expect(rig.published().map(({ kind }) => kind)).toStrictEqual(['created', 'updated']);
  });

  it('park a second record of one provider with the same key, whose entity stays the first one’s', async () => {
    const { b, rig, run } = rigOf();
    b.put({ ean: 'ean-1', label: 'Lampe', cents: 90 });
    b.put({ ean: '1', label: 'Lampe', cents: 70 });

    const result = await run('supplier-b');

    expect(result).toMatchObject({ status: 'partial', counts: { created: 1, parked: 1 } });
    expect((await rig.sync.store.parked({ sync: 'products', provider: 'supplier-b' })).items).toMatchObject([
      { externalId: '1', parked: { code: 'SYNC_MATCH_TAKEN' } },
    ]);
  });

  it('park an entity that does not fit its schema', async () => {
    const strict = defineSync({
      ...{ name: 'products', entity: 'product' },
      schema: product.extend({ price: z.number().positive() }),
      providers: {
        supplier: detect({ schema: rowSchema, id: 'SKU', cursor, mapping: { ...mapping, price: notProvided } }),
      },
    });
    const supplier = supplierOf();
    supplier.put(row('1', ago(3600)));
    const rig = createSyncRig(strict, { sources: { supplier } });

    expect(await rig.run()).toMatchObject({ status: 'partial' });
    expect((await rig.sync.store.parked({ sync: 'products', provider: 'supplier' })).items).toMatchObject([
      { parked: { code: 'SYNC_ENTITY_INVALID' } },
    ]);
  });
});

describe('a reference to another record', () => {
  const childSync = defineSync({
    name: 'products',
    entity: 'product',
    schema: product.extend({ parentId: z.string().optional() }),
    providers: {
      supplier: detect({
        schema: rowSchema.extend({ PARENT: z.string().optional() }),
        id: 'SKU',
        cursor,
        mapping: { ...mapping, parentId: reference({ name: 'products' }, 'PARENT') },
      }),
    },
  });

  it('waits for its parent, and resolves in the same run if the parent comes later in it', async () => {
    const supplier = createMemorySource<Row & { PARENT?: string }>({ id: 'SKU', field: 'MODIFIED' });
    supplier.put({ ...row('child', ago(3600)), PARENT: 'parent' });
    supplier.put(row('parent', ago(3599)));
    const rig = createSyncRig(childSync, { sources: { supplier } });

    const run = await rig.run();

    const parentId = rig.applied.find(({ externalId }) => externalId === 'parent')?.localId;
    expect(rig.changes()).toStrictEqual(['created parent', 'created child']);
    expect(rig.applied.at(-1)?.entity).toMatchObject({ sku: 'child', parentId });
    expect(run).toMatchObject({ status: 'succeeded', counts: { created: 2, parked: 0 } });
  });

  it('is parked until a later run brings the parent, and is no fault of the provider however many wait', async () => {
    const supplier = createMemorySource<Row & { PARENT?: string }>({ id: 'SKU', field: 'MODIFIED' });
    const children = Array.from({ length: 12 }, (_, index) => `child-${index}`);
    for (const sku of children) supplier.put({ ...row(sku, ago(36_000)), PARENT: 'parent' });
    const rig = createSyncRig(childSync, { sources: { supplier } });

    const first = await rig.run();
    rig.clock.advance(1000);
    supplier.put(row('parent', ago(3599)));
    const second = await rig.run();

    expect(first).toMatchObject({ status: 'partial', counts: { parked: 12, created: 0 } });
    expect(second).toMatchObject({ status: 'succeeded', counts: { created: 13 } });
    expect(rig.changes()[0]).toBe('created parent');
  });
});

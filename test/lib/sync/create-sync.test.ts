import { describe, expect, it } from 'vitest';
import { createSync, type SyncOptions } from '../../../lib/sync/create-sync.ts';
import { productSync, supplierOf } from './sync-rig.ts';

const options = (sources: unknown) => ({ sources }) as unknown as SyncOptions<typeof productSync>;

describe('createSync', () => {
  const supplier = supplierOf();
  // never called: it is compiled
  const compiled = (rest: Omit<SyncOptions<typeof productSync>, 'sources'>) => {
    createSync(productSync, { ...rest, sources: { supplier } });
    // @ts-expect-error: no source of 'supplier'
    createSync(productSync, { ...rest, sources: {} });
    // @ts-expect-error: 'suplier' is misspelt
    createSync(productSync, { ...rest, sources: { suplier: supplier } });
    // @ts-expect-error: 'other' is no provider
    createSync(productSync, { ...rest, sources: { supplier, other: supplier } });
    const foreign = { find: async () => ({ weight: 1 }), collect: () => undefined };
    // @ts-expect-error: the entity of the sink is no product
    createSync(productSync, { ...rest, sources: { supplier }, sink: foreign });
  };

  it('refuses sources that are missing or of no provider, for who does not compile', () => {
    expect(compiled).toBeTypeOf('function');
    expect(() => createSync(productSync, options({ suplier: supplier }))).toThrow(
      "sync 'products' is not valid: sources has 'suplier', which is none of 'supplier'; sources has no 'supplier'",
    );
  });

  it('refuses to reconcile with a source that cannot enumerate, or be asked for one record', () => {
    const { get: _get, enumerate: _enumerate, ...bare } = supplierOf();

    expect(() => createSync(productSync, options({ supplier: bare }))).toThrow(
      "the source of 'supplier' needs 'enumerate' and 'get', because its deletes are found by reconciling",
    );
  });
});

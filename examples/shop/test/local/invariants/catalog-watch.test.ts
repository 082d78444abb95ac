import { describe, expect, it } from 'vitest';
import type { CommittedChange } from '../../../../../local/dynamodb/dynamodb.ts';
import { ProductChanged, ProductWithdrawn } from '../../../functions/catalog/events.ts';
import { createProductTrail, watchCatalog } from '../../../local/invariants/catalog-watch.ts';

type Listener = (changes: readonly CommittedChange[]) => void;

/** A table of products whose commits are made by the test. */
function createRig({ hasTenants = false } = {}) {
  let listener: Listener = () => undefined;
  const watch = watchCatalog(
    {
      onCommit(each: Listener) {
        listener = each;
        return () => undefined;
      },
    } as Parameters<typeof watchCatalog>[0],
    'Products',
    { hasTenants },
  );
  const trail = createProductTrail();
  const imageOf = (name: string, catalog: string) => ({
    catalog: { S: catalog },
    sku: { S: 'TEA' },
    name: { S: name },
    price: { M: { currency: { S: 'GBP' }, minorUnits: { N: '500' } } },
  });
  const commit = (before: string | undefined, after: string | undefined, catalog = 'products') =>
    listener([
      {
        tableName: 'Products',
        before: before === undefined ? undefined : imageOf(before, catalog),
        after: after === undefined ? undefined : imageOf(after, catalog),
      } as CommittedChange,
    ]);
  const tell = (sequence: number, name: string | undefined, partitionkey = 'product#TEA') =>
    trail.addEvent({
      type: name === undefined ? ProductWithdrawn.type : ProductChanged.type,
      partitionkey,
      sequence: String(sequence).padStart(16, '0'),
      data: { sku: 'TEA', ...(name !== undefined && { name, price: { currency: 'GBP', minorUnits: 500 } }) },
    } as Parameters<typeof trail.addEvent>[0]);
  return { commit, tell, check: () => watch.check(trail) };
}

describe('the watch of the catalog', () => {
  it('holds where each change has one event, in their order', () => {
    const { commit, tell, check } = createRig();
    commit(undefined, 'Tea');
    commit('Tea', 'Green tea');
    commit('Green tea', undefined);
    tell(3, undefined);
    tell(1, 'Tea');
    tell(2, 'Green tea');

    expect(check()).toMatchObject({ holds: true, detail: ['3 changes'] });
  });

  it('names a change without an event', () => {
    const { commit, check } = createRig();
    commit(undefined, 'Tea');

    expect(check()).toMatchObject({ holds: false, detail: ['TEA was changed 1 time, and has 0 events'] });
  });

  it('names a change with two events', () => {
    const { commit, tell, check } = createRig();
    commit(undefined, 'Tea');
    tell(1, 'Tea');
    tell(2, 'Tea');

    expect(check().detail).toStrictEqual(['TEA was changed 1 time, and has 2 events']);
  });

  it('names events in another order than their changes', () => {
    const { commit, tell, check } = createRig();
    commit(undefined, 'Tea');
    commit('Tea', 'Green tea');
    tell(1, 'Green tea');
    tell(2, 'Tea');

    expect(check().detail).toStrictEqual([
      "change 1 of TEA is 'Tea' at 500 GBP, and its event says 'Green tea' at 500 GBP",
    ]);
  });

  it('keeps tenants apart', () => {
    const { commit, tell, check } = createRig({ hasTenants: true });
    commit(undefined, 'Tea', 'tenant-1#products');
    tell(1, 'Tea', 'tenant:tenant-2:product#TEA');

    expect(check().detail).toStrictEqual([
      'TEA of tenant-1 was changed 1 time, and has 0 events',
      'TEA of tenant-2 was changed 0 times, and has 1 event',
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { ago, createSyncRig, productSync, row, supplierOf } from './sync-rig.ts';

const KEY = { sync: 'products', provider: 'supplier' };

describe('with tenants', () => {
  it('refuses a request without one, and a run without one before a record is opened', async () => {
    const supplier = supplierOf();
    supplier.put(row('1', ago(3600)));
    const rig = createSyncRig(productSync, { sources: { supplier }, tenancy: 'required' });

    await expect(rig.request()).rejects.toMatchObject({ code: 'TENANT_MISSING' });
    await rig.request({}, 'acme');
    const { tenantid: _none, ...foreign } = rig.next();

    expect(await rig.deliver(foreign)).toBe('failed');
    expect(rig.lastError).toMatchObject({ code: 'TENANT_MISSING' });
    expect(supplier.calls).toStrictEqual([]);
    expect(rig.reads).toBe(0);
  });

  it('keeps subscriptions, records and entities apart', async () => {
    const supplier = supplierOf();
    supplier.put(row('1', ago(3600)));
    const rig = createSyncRig(productSync, { sources: { supplier }, tenancy: 'required' });
    await rig.request({}, 'acme');
    await rig.drain();
    await rig.request({}, 'globex');
    await rig.drain();

    expect(rig.changes()).toStrictEqual(['created 1', 'created 1']);
    expect(rig.tables.items('products').map(({ localId }) => localId?.S?.split('#')[0])).toStrictEqual([
      'acme',
      'globex',
    ]);
    expect(rig.tables.items('sync').every(({ id }) => /^(acme|globex)#/.test(id?.S ?? ''))).toBe(true);
    for (const tenant of ['acme', 'globex']) {
      const runs = await rig.tenancy.runAsTenant(tenant, () => rig.runsOf(KEY));
      expect(runs).toMatchObject([{ counts: { created: 1 } }]);
    }
  });
});

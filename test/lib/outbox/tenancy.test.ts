import { describe, expect, it } from 'vitest';
import { Audited, Deposited } from '../../fixtures/events.ts';
import { createTenantsRig } from '../tenancy/tenants-rig.ts';

const deposit = { accountId: '7', amount: 5 };

describe('an outbox of a deployment that requires a tenant', () => {
  it('publishes as the tenant at work, in groups of the tenant’s own', async () => {
    const { outbox, runAsTenant } = createTenantsRig();
    const publish = (tenantId: string) =>
      runAsTenant(tenantId, () => outbox.transact((tx) => tx.publish(Deposited, deposit)));

    const { events: acme } = await publish('acme');
    const { events: globex } = await publish('globex');

    expect(
      [...acme, ...globex].map(({ tenantid, partitionkey, sequence }) => [tenantid, partitionkey, sequence]),
    ).toStrictEqual([
      ['acme', 'tenant:acme:account#7', '0000000000000001'],
      ['globex', 'tenant:globex:account#7', '0000000000000001'],
    ]);
  });

  it('takes the tenant from the context where none is at work', async () => {
    const { outbox } = createTenantsRig();

    const { events } = await outbox.transact((tx) => tx.publish(Audited, { note: 'a' }), { tenantId: 'acme' });

    expect(events).toMatchObject([{ tenantid: 'acme' }]);
  });

  it('refuses an event without a tenant before anything is sent', async () => {
    const { outbox, store } = createTenantsRig();
    const publish = outbox.transact((tx) => {
      tx.put({ TableName: 'notes', Item: { orderId: '1', note: 'a' } });
      tx.publish(Deposited, deposit);
    });

    await expect(publish).rejects.toMatchObject({
      code: 'TENANT_MISSING',
      message: expect.stringContaining("'com.example.account.deposited' has no tenant"),
    });

    expect(store.events).toStrictEqual([]);
    expect(store.items('notes')).toStrictEqual([]);
  });

  it.each([
    ['another tenant than the one at work', 'globex', 'TENANT_MISMATCH'],
    ['what is no tenant', 'acme#', 'TENANT_INVALID'],
  ])('refuses a context that names %s', async (_, tenantId, code) => {
    const { outbox, store, runAsTenant } = createTenantsRig();
    const publish = () => outbox.transact((tx) => tx.publish(Deposited, deposit), { tenantId });

    await expect(runAsTenant('acme', publish)).rejects.toMatchObject({ code });

    expect(store.events).toStrictEqual([]);
  });

  it('commits work for several tenants at once, where it is for none of them', async () => {
    const { outbox, notes, runAsTenant, withoutTenant, stored } = createTenantsRig();

    const { events } = await withoutTenant('price change for all', () =>
      outbox.transact((tx) => {
        for (const tenantId of ['acme', 'globex']) {
          runAsTenant(tenantId, () => {
            notes.within(tx).put({ Item: { orderId: '1', note: 'a' } });
            tx.publish(Audited, { note: tenantId });
          });
        }
      }),
    );

    expect(events.map(({ tenantid }) => tenantid)).toStrictEqual(['acme', 'globex']);
    expect(stored().map(({ orderId }) => orderId)).toStrictEqual(['acme#1', 'globex#1']);
  });
});

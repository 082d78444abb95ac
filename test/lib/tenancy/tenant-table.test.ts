import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createInMemoryTableStore, createTenantTableReader } from '../../../lib/tenancy/index.ts';
import { anyText, tenantIds } from './any-text.ts';
import { createTenantsRig, NOTES_TABLE } from './tenants-rig.ts';

describe('a tenant’s table', () => {
  it('stores its keys with the tenant in front, and shows them without', async () => {
    const { notes, runAsTenant, stored } = createTenantsRig();

    const found = await runAsTenant('acme', async () => {
      await notes.put({ Item: { orderId: '1001', note: 'a', customer: 'ann', text: 'hello' } });
      return notes.get({ orderId: '1001', note: 'a' });
    });

    expect(found).toStrictEqual({ orderId: '1001', note: 'a', customer: 'ann', text: 'hello' });
    expect(stored()).toStrictEqual([{ orderId: 'acme#1001', note: 'a', customer: 'acme#ann', text: 'hello' }]);
  });

  it('leaves keys as they are where the deployment has no tenants', async () => {
    const { notes, stored } = createTenantsRig('none');

    await notes.put({ Item: { orderId: '1001', note: 'a', customer: 'ann' } });

    expect(await notes.get({ orderId: '1001', note: 'a' })).toStrictEqual({
      orderId: '1001',
      note: 'a',
      customer: 'ann',
    });
    expect(stored()).toStrictEqual([{ orderId: '1001', note: 'a', customer: 'ann' }]);
  });

  it('lets two tenants have the same keys', async () => {
    const { notes, runAsTenant } = createTenantsRig();
    const put = (tenantId: string, text: string) =>
      runAsTenant(tenantId, () => notes.put({ Item: { orderId: '1001', note: 'a', text } }));
    const textOf = (tenantId: string) => runAsTenant(tenantId, () => notes.get({ orderId: '1001', note: 'a' }));

    await put('acme', 'mine');
    await put('globex', 'theirs');

    expect(await textOf('acme')).toMatchObject({ text: 'mine' });
    expect(await textOf('globex')).toMatchObject({ text: 'theirs' });
  });

  it('queries the table and its indexes inside the tenant', async () => {
    const { notes, runAsTenant } = createTenantsRig();
    const put = (tenantId: string, orderId: string, note: string) =>
      runAsTenant(tenantId, () => notes.put({ Item: { orderId, note, customer: 'ann' } }));
    await put('acme', '1001', 'a1');
    await put('acme', '1001', 'b1');
    await put('acme', '1002', 'a2');
    await put('globex', '1001', 'a3');

    const pages = await runAsTenant('acme', async () => [
      await notes.query({ partition: '1001', sortBeginsWith: 'a' }),
      await notes.query({ indexName: 'byCustomer', partition: 'ann', newestFirst: true }),
      await notes.query({ indexName: 'byCustomer', partition: 'ann', sortBeginsWith: '1002' }),
    ]);

    expect(pages.map(({ items }) => items.map(({ note }) => note))).toStrictEqual([['a1'], ['a2', 'b1', 'a1'], ['a2']]);
  });

  it.each([
    ['required', undefined, 'acme#'],
    ['required', '1', 'acme#1'],
    ['none', undefined, undefined],
    ['none', '', undefined],
    ['none', '1', '1'],
  ] as const)(
    'asks in mode %s for sort keys that begin with %j as %j, where they hold the tenant',
    async (mode, given, asked) => {
      const { tables, keyPrefix, runAsTenant } = createTenantsRig(mode);
      const store = createInMemoryTableStore(tables);
      const seen: unknown[] = [];
      const reader = createTenantTableReader({
        store: {
          ...store,
          query: (request) => {
            seen.push(request.sort);
            return store.query(request);
          },
        },
        tenancy: { keyPrefix },
        tableName: 'notes',
        schema: NOTES_TABLE,
        parse: (item) => item,
      });
      const query = {
        indexName: 'byCustomer',
        partition: 'ann',
        ...(given !== undefined && { sortBeginsWith: given }),
      };

      await runAsTenant('acme', () => reader.query(query));

      expect(seen).toStrictEqual([{ attribute: 'orderId', beginsWith: asked }]);
    },
  );

  it('goes through pages', async () => {
    const { notes, runAsTenant } = createTenantsRig();
    const seen: unknown[] = [];

    await runAsTenant('acme', async () => {
      for (const rank of [3, 1, 2]) await notes.put({ Item: { orderId: `${rank}`, note: 'a', mood: 'glad', rank } });
      let after: string | undefined;
      do {
        const query = { indexName: 'byMood', partition: 'glad', limit: 2, ...(after !== undefined && { after }) };
        const { items, next } = await notes.query(query);
        seen.push(items.map(({ rank }) => rank));
        after = next;
      } while (after !== undefined);
    });

    expect(seen).toStrictEqual([[1, 2], [3]]);
  });

  it('commits its writes with a unit of work, or its own all at once', async () => {
    const { notes, outbox, runAsTenant, stored } = createTenantsRig();

    await runAsTenant('acme', async () => {
      await outbox.transact((tx) => {
        notes.within(tx).put({ Item: { orderId: '1', note: 'a', count: 1 } });
        notes.within(tx).put({ Item: { orderId: '2', note: 'a' } });
      });
      await notes.transact((writes) => {
        writes.update({
          Key: { orderId: '1', note: 'a' },
          UpdateExpression: 'SET #count = #count + :one',
          ConditionExpression: 'attribute_exists(orderId)',
          ExpressionAttributeNames: { '#count': 'count' },
          ExpressionAttributeValues: { ':one': 1 },
        });
        writes.delete({ Key: { orderId: '2', note: 'a' } });
        writes.conditionCheck({
          Key: { orderId: '3', note: 'a' },
          ConditionExpression: 'attribute_not_exists(#id)',
          ExpressionAttributeNames: { '#id': 'orderId' },
        });
      });
    });

    expect(stored()).toStrictEqual([{ orderId: 'acme#1', note: 'a', count: 2 }]);
  });

  it('rejects a condition that does not hold as the outbox does', async () => {
    const { notes, runAsTenant } = createTenantsRig();
    const placeNew = () =>
      notes.put({ Item: { orderId: '1', note: 'a' }, ConditionExpression: 'attribute_not_exists(orderId)' });

    await runAsTenant('acme', placeNew);

    await expect(runAsTenant('acme', placeNew)).rejects.toMatchObject({ code: 'OUTBOX_CONDITION_FAILED' });
    await expect(runAsTenant('globex', placeNew)).resolves.toBeUndefined();
  });

  it('shows keys as they are stored within withoutTenant', async () => {
    const { notes, runAsTenant, withoutTenant } = createTenantsRig();
    await runAsTenant('acme', () => notes.put({ Item: { orderId: '1', note: 'a' } }));

    const found = await withoutTenant('support case 7', () => notes.get({ orderId: 'acme#1', note: 'a' }));

    expect(found).toStrictEqual({ orderId: 'acme#1', note: 'a' });
  });

  it('parses what it reads', async () => {
    const { tables, smuggle, keyPrefix, runAsTenant } = createTenantsRig();
    const reader = createTenantTableReader({
      store: createInMemoryTableStore(tables),
      tenancy: { keyPrefix },
      tableName: 'notes',
      schema: NOTES_TABLE,
      parse: () => {
        throw new Error('no note');
      },
    });
    smuggle({ orderId: 'acme#1', note: 'a' });

    await expect(runAsTenant('acme', () => reader.get({ orderId: '1', note: 'a' }))).rejects.toThrow('no note');
  });

  it('refuses a table, or an index, that begins with a number', () => {
    const { tables, keyPrefix } = createTenantsRig();
    const build = () =>
      createTenantTableReader({
        store: createInMemoryTableStore(tables),
        tenancy: { keyPrefix },
        tableName: 'visits',
        schema: {
          partitionKey: { name: 'id', type: 'S' },
          indexes: [{ name: 'byDay', partitionKey: { name: 'day', type: 'N' } }],
        },
        parse: (item) => item,
      });

    expect(build).toThrow(
      expect.objectContaining({
        code: 'CONTRACT_INVALID',
        message:
          "table 'visits' is not well defined: a table for tenants, and each of its indexes, begins with a string, got the number 'day'",
      }),
    );
  });

  it.each([
    ['an index that there is not', { indexName: 'byDay', partition: 'a' }, "table 'notes' has no index 'byDay'"],
    ['no items', { partition: 'a', limit: 0 }, 'limit must be a whole number of items from 1 to 1000, got 0'],
    ['half an item', { partition: 'a', limit: 1.5 }, 'limit must be a whole number of items from 1 to 1000, got 1.5'],
    [
      'numbers that begin with a text',
      { indexName: 'byMood', partition: 'a', sortBeginsWith: '1' },
      "sortBeginsWith needs a sort key that is a string; index 'byMood' of table 'notes' has none",
    ],
  ])('refuses a query for %s', async (_, query, message) => {
    const { notes, runAsTenant } = createTenantsRig();

    await expect(runAsTenant('acme', () => notes.query(query))).rejects.toMatchObject({
      code: 'TENANT_QUERY_INVALID',
      message,
    });
  });

  it.each(['none', 'required'] as const)('refuses the same in mode %s: keys', async (mode) => {
    const { notes, runAsTenant } = createTenantsRig(mode);
    const asAcme = <Value>(work: () => Value) => runAsTenant('acme', work);
    const refusals: [() => Promise<unknown>, string][] = [
      [() => notes.get({ orderId: '1' }), "'note' is part of the key of table 'notes' and is missing: pass it"],
      [
        () => notes.delete({ Key: { orderId: '1', note: 'a', customer: 'ann' } }),
        "a key of table 'notes' is 'orderId' and 'note', got 'customer' beside: leave it out",
      ],
      [
        () => notes.put({ Item: { note: 'a' } }),
        "'orderId' is part of the key of table 'notes' and is missing: pass it",
      ],
      [
        () => notes.put({ Item: { orderId: 1, note: 'a' } }),
        "'orderId' of table 'notes' must be a string that is not empty, got number",
      ],
      [
        () => notes.get({ orderId: '', note: 'a' }),
        "'orderId' of table 'notes' must be a string that is not empty, got ''",
      ],
      [
        () => notes.put({ Item: { orderId: '1', note: 'a', customer: null } }),
        "'customer' of table 'notes' must be a string that is not empty, got object",
      ],
      [
        () => notes.get({ orderId: '1', note: '' }),
        "'note' of table 'notes' must be a string that is not empty, got ''",
      ],
      [
        () => notes.delete({ Key: { orderId: '1', note: 7 } }),
        "'note' of table 'notes' must be a string that is not empty, got number",
      ],
      [() => notes.query({ partition: '' }), "'orderId' of table 'notes' must be a string that is not empty, got ''"],
    ];

    for (const [work, message] of refusals) {
      await expect(asAcme(work)).rejects.toMatchObject({ code: 'TENANT_KEY_INVALID', message });
    }
  });

  it('refuses a key of text where the table has a number', async () => {
    const { tables, keyPrefix } = createTenantsRig('none');
    const reader = createTenantTableReader({
      store: createInMemoryTableStore(tables),
      tenancy: { keyPrefix },
      tableName: 'visits',
      schema: { partitionKey: { name: 'id', type: 'S' }, sortKey: { name: 'day', type: 'N' } },
      parse: (item) => item,
    });

    await expect(reader.get({ id: '1', day: '2' })).rejects.toMatchObject({
      code: 'TENANT_KEY_INVALID',
      message: "'day' of table 'visits' must be a number, got string '2'",
    });
  });

  it.each([
    ['SET customer = :v', {}],
    ['SET #c = :v', { '#c': 'customer' }],
    ['SET a = :v REMOVE mood', {}],
    ['SET a = if_not_exists(orderId, :v)', {}],
    ['ADD #r :v', { '#r': 'orderId' }],
    ['SET a[0].b = :v, #c.d = :v', { '#c': 'customer' }],
    ['SET #1 = :v', { '#1': 'customer' }],
    ['SET #_ = :v', { '#_': 'customer' }],
    ['SET#c = :v', { '#c': 'customer' }],
    ['SET a = :v REMOVE#c', { '#c': 'mood' }],
    ['SET a=:v,#1=:v', { '#1': 'customer' }],
  ])('refuses the update %j, which names a key', async (UpdateExpression, ExpressionAttributeNames) => {
    const { notes, runAsTenant } = createTenantsRig();
    const Key = { orderId: '1', note: 'a' };
    const ExpressionAttributeValues = { ':v': 'globex#1' };

    const update = runAsTenant('acme', () =>
      notes.update({ Key, UpdateExpression, ExpressionAttributeNames, ExpressionAttributeValues }),
    );

    await expect(update).rejects.toMatchObject({ code: 'TENANT_KEY_INVALID' });
  });

  it.each([
    'customer = :v',
    'attribute_exists(orderId) AND begins_with(orderId, :v)',
    'size(mood) > :v',
    'attribute_exists(#1) AND#1 = :v',
    'a = :v OR(#1 IN (:v))',
  ])('refuses the condition %j, which looks into a key', async (ConditionExpression) => {
    const { notes, runAsTenant } = createTenantsRig();
    const check = () =>
      notes.put({
        Item: { orderId: '1', note: 'a' },
        ConditionExpression,
        ExpressionAttributeNames: { '#1': 'customer' },
        ExpressionAttributeValues: { ':v': 'ann' },
      });

    await expect(runAsTenant('acme', check)).rejects.toMatchObject({
      code: 'TENANT_KEY_INVALID',
      message: expect.stringContaining('ConditionExpression names'),
    });
  });

  it.each(['SET a = :v, b.customer = :v', 'SET customers = :v', 'SET a = :customer'])(
    'lets the update %j pass: it names no key',
    async (UpdateExpression) => {
      const { notes, runAsTenant, stored } = createTenantsRig();
      const Key = { orderId: '1', note: 'a' };
      const values = UpdateExpression.includes(':customer') ? { ':customer': 'x' } : { ':v': 'x' };

      await runAsTenant('acme', async () => {
        await notes.put({ Item: { ...Key, b: {} } });
        await notes.update({ Key, UpdateExpression, ExpressionAttributeValues: values });
      });

      expect(JSON.stringify(stored())).toContain('"x"');
    },
  );

  it('takes any text as a key and gives it back, each tenant’s own', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.record({ tenantId: tenantIds, orderId: anyText, note: anyText }), {
          maxLength: 12,
          selector: (one) => JSON.stringify(one),
        }),
        async (owned) => {
          const { notes, runAsTenant, stored } = createTenantsRig();
          for (const [index, { tenantId, orderId, note }] of owned.entries()) {
            await runAsTenant(tenantId, () => notes.put({ Item: { orderId, note, index } }));
          }

          expect(stored()).toHaveLength(owned.length);
          for (const [index, { tenantId, orderId, note }] of owned.entries()) {
            const found = await runAsTenant(tenantId, () => notes.get({ orderId, note }));
            expect(found).toStrictEqual({ orderId, note, index });
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});

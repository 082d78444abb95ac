import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTenantTableReader, type TenantQuery } from '../../../lib/tenancy/index.ts';
import { createInMemoryTableStore } from '../../../lib/testing/in-memory-table-store.ts';
import { anyText, tenantIds } from './any-text.ts';
import { createTenantsRig, NOTES_TABLE } from './tenants-rig.ts';

describe('a tenant’s table', () => {
  it('stores its keys with the tenant as a prefix, and returns them without', async () => {
    const { notes, runAsTenant, stored } = createTenantsRig();

    const found = await runAsTenant('acme', async () => {
      await notes.put({ Item: { orderId: '1001', note: 'a', customer: 'ann', text: 'hello' } });
      return notes.get({ orderId: '1001', note: 'a' });
    });

    expect(found).toStrictEqual({ orderId: '1001', note: 'a', customer: 'ann', text: 'hello' });
    expect(stored()).toStrictEqual([{ orderId: 'acme#1001', note: 'a', customer: 'acme#ann', text: 'hello' }]);
  });

  it('leaves keys unchanged if the deployment has no tenants', async () => {
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

  it('gets a batch of the tenant’s items, in the order of the keys, repeated ones too', async () => {
    const { notes, runAsTenant } = createTenantsRig();
    const key = (note: string) => ({ orderId: '1001', note });
    await runAsTenant('acme', () => notes.put({ Item: { ...key('a'), text: 'mine' } }));
    await runAsTenant('globex', () => notes.put({ Item: { ...key('b'), text: 'theirs' } }));

    const found = await runAsTenant('acme', () => notes.getBatch([key('b'), key('a'), key('a')]));

    expect(found).toStrictEqual([undefined, { ...key('a'), text: 'mine' }, { ...key('a'), text: 'mine' }]);
  });

  it('gets more items than one call may ask for', async () => {
    const { tables } = createTenantsRig('none');
    const asked: number[] = [];
    const own = createInMemoryTableStore(tables);
    const store: typeof own = {
      ...own,
      getBatch: (tableName, keys) => {
        asked.push(keys.length);
        return own.getBatch(tableName, keys);
      },
    };
    const reader = createTenantTableReader({
      store,
      tableName: 'notes',
      schema: NOTES_TABLE,
      tenancy: { keyPrefix: () => '' },
      parse: (item) => item,
    });
    const keys = Array.from({ length: 101 }, (_, index) => ({ orderId: '1001', note: String(index) }));

    expect(await reader.getBatch(keys)).toStrictEqual(keys.map(() => undefined));
    expect(asked).toStrictEqual([100, 1]);
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
    'in mode %s queries the sort key prefix %j as %j if sort keys contain the tenant',
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

  it('queries a range of its sort key, both ends included, in the table and its indexes', async () => {
    const { notes, runAsTenant } = createTenantsRig();
    const put = (tenantId: string, orderId: string, note: string, rank: number) =>
      runAsTenant(tenantId, () => notes.put({ Item: { orderId, note, customer: 'ann', mood: 'glad', rank } }));
    await put('acme', '1001', 'a', 2);
    await put('acme', '1001', 'b', -1);
    await put('acme', '1001', 'c', 10);
    await put('acme', '1002', 'd', 7.5);
    await put('globex', '1001', 'b', 3);

    const found = await runAsTenant('acme', async () => {
      const inTable = { partition: '1001' };
      const byCustomer = { indexName: 'byCustomer', partition: 'ann' };
      const byMood = { indexName: 'byMood', partition: 'glad' };
      return Promise.all([
        notes.query({ ...inTable, sortFrom: 'b' }),
        notes.query({ ...inTable, sortTo: 'b' }),
        notes.query({ ...inTable, sortFrom: 'b', sortTo: 'b' }),
        notes.query({ ...inTable, sortFrom: 'b', newestFirst: true }),
        notes.query({ ...byCustomer, sortFrom: '1002' }),
        notes.query({ ...byCustomer, sortTo: '1001' }),
        notes.query({ ...byMood, sortFrom: -1, sortTo: 7.5 }),
        notes.query({ ...byMood, sortFrom: 3 }),
        notes.query({ ...byMood, sortTo: 0 }),
      ]);
    });

    expect(found.map(({ items }) => items.map(({ note }) => note))).toStrictEqual([
      ['b', 'c'],
      ['a', 'b'],
      ['b'],
      ['c', 'b'],
      ['d'],
      ['a', 'b', 'c'],
      ['b', 'a', 'd'],
      ['d', 'c'],
      ['b'],
    ]);
  });

  it('keeps a range that is open at one end inside the tenant if the sort key contains it', async () => {
    const { notes, runAsTenant, smuggle } = createTenantsRig();
    await runAsTenant('acme', () => notes.put({ Item: { orderId: '2', note: 'a', customer: 'ann' } }));
    for (const orderId of ['0', 'zeta#1', 'acme-2#3']) smuggle({ orderId, note: 'a', customer: 'acme#ann' });
    const ids = async (range: { readonly sortFrom?: string; readonly sortTo?: string }) =>
      (await notes.query({ indexName: 'byCustomer', partition: 'ann', ...range })).items.map(({ orderId }) => orderId);

    const found = await runAsTenant('acme', async () => [await ids({ sortFrom: '1' }), await ids({ sortTo: '9' })]);

    expect(found).toStrictEqual([['2'], ['2']]);
  });

  it('reads the pages of a range, with tokens that are not valid for another range', async () => {
    const { notes, runAsTenant } = createTenantsRig();
    const query = { partition: '1', sortFrom: 'b', sortTo: 'd', limit: 2 };
    await runAsTenant('acme', async () => {
      for (const note of ['a', 'b', 'c', 'd', 'e']) await notes.put({ Item: { orderId: '1', note } });
    });

    const [first, second] = await runAsTenant('acme', async () => {
      const page = await notes.query(query);
      return [page, await notes.query({ ...query, after: page.next ?? '' })];
    });

    expect([first, second].map((page) => page?.items.map(({ note }) => note))).toStrictEqual([['b', 'c'], ['d']]);
    expect(second?.next).toBeUndefined();
    for (const other of [
      { ...query, sortTo: 'e' },
      { ...query, sortFrom: 'a' },
      { partition: '1', limit: 2 },
      { ...query, newestFirst: true },
    ]) {
      const page = runAsTenant('acme', () => notes.query({ ...other, after: first?.next ?? '' }));
      await expect(page).rejects.toMatchObject({ code: 'TENANT_PAGE_INVALID' });
    }
  });

  it('accepts page tokens of releases without ranges', async () => {
    const { notes, runAsTenant } = createTenantsRig('none');
    for (const note of ['a', 'b', 'c']) await notes.put({ Item: { orderId: '1', note } });
    const before = 'WyJKN202TjlJdUZQLUxXQ2pCIix7Im9yZGVySWQiOnsiUyI6IjEifSwibm90ZSI6eyJTIjoiYiJ9fV0';

    const { items } = await runAsTenant(undefined, () => notes.query({ partition: '1', limit: 2, after: before }));

    expect(items.map(({ note }) => note)).toStrictEqual(['c']);
  });

  it('reads page after page', async () => {
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

  it('commits its writes with a unit of work, or in a transaction of its own', async () => {
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

  it('rejects a failed condition with the same error as the outbox', async () => {
    const { notes, runAsTenant } = createTenantsRig();
    const placeNew = () =>
      notes.put({ Item: { orderId: '1', note: 'a' }, ConditionExpression: 'attribute_not_exists(orderId)' });

    await runAsTenant('acme', placeNew);

    await expect(runAsTenant('acme', placeNew)).rejects.toMatchObject({ code: 'OUTBOX_CONDITION_FAILED' });
    await expect(runAsTenant('globex', placeNew)).resolves.toBeUndefined();
  });

  it('returns keys as they are stored within withoutTenant', async () => {
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

  it('refuses a table or an index with a numeric partition key', () => {
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
          "table 'visits' is not valid: partition keys of a tenant's table and of its indexes must be strings, got the number 'day'",
      }),
    );
  });

  it.each([
    [
      'an index that there is not',
      { indexName: 'byDay', partition: 'a' },
      "table 'notes' has no index 'byDay': its indexes are 'byCustomer', 'byMood'",
    ],
    ['no items', { partition: 'a', limit: 0 }, 'limit must be a whole number of items from 1 to 1000, got 0'],
    ['half an item', { partition: 'a', limit: 1.5 }, 'limit must be a whole number of items from 1 to 1000, got 1.5'],
    [
      'numbers that begin with a text',
      { indexName: 'byMood', partition: 'a', sortBeginsWith: '1' },
      "sortBeginsWith requires a sort key of type S, but 'rank' of index 'byMood' of table 'notes' is a number: use sortFrom and sortTo",
    ],
    [
      'a beginning that is no text',
      { partition: 'a', sortBeginsWith: 2026 },
      'sortBeginsWith must be a string, got 2026',
    ],
    [
      'a beginning and a range at once',
      { partition: 'a', sortBeginsWith: 'a', sortTo: 'b' },
      'sortBeginsWith and sortTo cannot be combined: use sortBeginsWith or a range',
    ],
    [
      'a range that ends before it begins',
      { partition: 'a', sortFrom: 'b', sortTo: 'a' },
      "sortFrom must not come after sortTo in table 'notes', got 'b' and 'a': swap them",
    ],
    [
      'numbers of which the larger text comes first',
      { indexName: 'byMood', partition: 'a', sortFrom: 10, sortTo: 9 },
      "sortFrom must not come after sortTo in index 'byMood' of table 'notes', got 10 and 9: swap them",
    ],
    [
      'texts from a number on',
      { partition: 'a', sortFrom: 7 },
      "sortFrom must be a non-empty string, like the sort key 'note' of table 'notes', got 7: omit it for no bound",
    ],
    [
      'texts up to nothing',
      { partition: 'a', sortTo: '' },
      "sortTo must be a non-empty string, like the sort key 'note' of table 'notes', got '': omit it for no bound",
    ],
    [
      'numbers from a text to no number',
      { indexName: 'byMood', partition: 'a', sortFrom: '1', sortTo: Number.NaN },
      "sortFrom must be a number within ±(2^53 - 1), like the sort key 'rank' of index 'byMood' of table 'notes', got '1': omit it for no bound; sortTo must be a number within ±(2^53 - 1), like the sort key 'rank' of index 'byMood' of table 'notes', got NaN: omit it for no bound",
    ],
    [
      'what is misspelt',
      { partition: 'a', sortfrom: 'a' },
      "a query of table 'notes' accepts only indexName, partition, sortBeginsWith, sortFrom, sortTo, limit, after, newestFirst, got 'sortfrom'",
    ],
    [
      'an order that is neither',
      { partition: 'a', newestFirst: 'yes' },
      "newestFirst must be true or false, got 'yes'",
    ],
    ['nothing', undefined, "a query of table 'notes' must be { partition, … }, got undefined"],
  ])('refuses a query for %s', async (_, query, message) => {
    const { notes, runAsTenant } = createTenantsRig();

    await expect(runAsTenant('acme', () => notes.query(query as TenantQuery))).rejects.toMatchObject({
      code: 'TENANT_QUERY_INVALID',
      message,
    });
  });

  it.each(['none', 'required'] as const)('refuses the same invalid keys in mode %s', async (mode) => {
    const { notes, runAsTenant } = createTenantsRig(mode);
    const asAcme = <Value>(work: () => Value) => runAsTenant('acme', work);
    const refusals: [() => Promise<unknown>, string][] = [
      [() => notes.get({ orderId: '1' }), "'note' is missing: it is part of the key of table 'notes'"],
      [
        () => notes.delete({ Key: { orderId: '1', note: 'a', customer: 'ann' } }),
        "a key of table 'notes' is 'orderId' and 'note', got also 'customer': remove it",
      ],
      [() => notes.put({ Item: { note: 'a' } }), "'orderId' is missing: it is part of the key of table 'notes'"],
      [
        () => notes.put({ Item: { orderId: 1, note: 'a' } }),
        "'orderId' of table 'notes' must be a non-empty string, got 1",
      ],
      [() => notes.get({ orderId: '', note: 'a' }), "'orderId' of table 'notes' must be a non-empty string, got ''"],
      [
        () => notes.put({ Item: { orderId: '1', note: 'a', customer: null } }),
        "'customer' of table 'notes' must be a non-empty string, got null",
      ],
      [() => notes.get({ orderId: '1', note: '' }), "'note' of table 'notes' must be a non-empty string, got ''"],
      [
        () => notes.delete({ Key: { orderId: '1', note: 7 } }),
        "'note' of table 'notes' must be a non-empty string, got 7",
      ],
      [() => notes.query({ partition: '' }), "'orderId' of table 'notes' must be a non-empty string, got ''"],
    ];

    for (const [work, message] of refusals) {
      await expect(asAcme(work)).rejects.toMatchObject({ code: 'TENANT_KEY_INVALID', message });
    }
  });

  it('refuses a string as a numeric key', async () => {
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
      message: "'day' of table 'visits' must be a number, got '2'",
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
  ])('refuses the condition %j, which names a key', async (ConditionExpression) => {
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
      message: expect.stringContaining('ConditionExpression refers to'),
    });
  });

  it.each(['SET a = :v, b.customer = :v', 'SET customers = :v', 'SET a = :customer'])(
    'accepts the update %j, because it names no key',
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

  it('accepts any string as a key and returns it to its tenant', async () => {
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

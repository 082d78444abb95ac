import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupOf, readGroup } from '../../../lib/definitions/index.ts';
import { parseEvent } from '../../../lib/event/index.ts';
import { Audited, Deposited } from '../../fixtures/events.ts';
import { lambdaContext } from '../../fixtures/lambda-context.ts';
import { batchOf, createRig, type DepositHandler, eventOf, messageOf } from '../consumer/rig.ts';
import { anyText, tenantIds } from './any-text.ts';
import { createTenantsRig } from './tenants-rig.ts';

/** Two tenants with the same order, and something that belongs to nobody. */
async function createSharedTable() {
  const rig = createTenantsRig();
  const { notes, runAsTenant, smuggle } = rig;
  for (const tenantId of ['acme', 'globex']) {
    await runAsTenant(tenantId, () =>
      notes.put({ Item: { orderId: '1001', note: 'a', customer: 'ann', mood: 'glad', rank: 1, owner: tenantId } }),
    );
  }
  smuggle({ orderId: '1001', note: 'a', owner: 'nobody' });
  return rig;
}

const KEY = { orderId: '1001', note: 'a' };

/** Texts that would mean something if keys were put together carelessly. */
const CRAFTED = [
  'globex#1001',
  '#1001',
  '../globex#1001',
  'acme#1001',
  '\u0000globex#1001',
  'globex\uFF031001',
  '\u202Exebolg#1001',
  '1001\u0000',
  '*',
  'tenant:globex:1001',
];

describe('a crafted key', () => {
  it.each(CRAFTED)('reads nothing of another tenant: %j', async (orderId) => {
    const { notes, runAsTenant } = await createSharedTable();

    const found = await runAsTenant('acme', async () => [
      await notes.get({ orderId, note: 'a' }),
      (await notes.query({ partition: orderId })).items,
      (await notes.query({ indexName: 'byCustomer', partition: orderId })).items,
    ]);

    expect(found).toStrictEqual([undefined, [], []]);
  });

  it.each(CRAFTED)('writes and deletes nothing of another tenant: %j', async (orderId) => {
    const { notes, runAsTenant, stored, outbox } = await createSharedTable();
    const others = () => stored().filter(({ orderId: id }) => !String(id).startsWith('acme#'));
    const before = others();
    const Key = { orderId, note: 'a' };

    await runAsTenant('acme', async () => {
      await notes.put({ Item: { ...Key, customer: orderId, owner: 'mallory' } });
      await notes.update({
        Key,
        UpdateExpression: 'SET #owner = :mallory',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':mallory': 'mallory' },
      });
      await notes.transact((writes) => writes.delete({ Key }));
      await outbox.transact((tx) => notes.within(tx).put({ Item: { ...Key, owner: 'mallory' } }));
    });

    expect(others()).toStrictEqual(before);
  });

  it('never means the same stored key for two tenants', () => {
    const key = fc.oneof(fc.constantFrom('1', '#1', '1#1', 'a#1'), anyText);
    const { runAsTenant, keyPrefix } = createTenantsRig();
    const stored = (tenant: string, text: string) => runAsTenant(tenant, () => `${keyPrefix()}${text}`);

    fc.assert(
      fc.property(tenantIds, key, tenantIds, key, (one, oneKey, other, otherKey) => {
        const isSame = stored(one, oneKey) === stored(other, otherKey);

        expect(isSame).toBe(one === other && oneKey === otherKey);
      }),
      { numRuns: 500 },
    );
  });

  it('never lets writes of one tenant change what another reads', async () => {
    const text = fc.oneof(fc.constantFrom(...CRAFTED, '1001'), fc.string({ minLength: 1, maxLength: 4 }));
    const step = fc.record({ action: fc.constantFrom('put', 'delete'), orderId: text, note: text, customer: text });

    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const { notes, runAsTenant } = await createSharedTable();
        const seenByGlobex = () =>
          runAsTenant('globex', async () => [
            await notes.get(KEY),
            (await notes.query({ partition: '1001' })).items,
            (await notes.query({ indexName: 'byCustomer', partition: 'ann' })).items,
          ]);
        const before = await seenByGlobex();

        await runAsTenant('acme', async () => {
          for (const { action, orderId, note, customer } of steps) {
            if (action === 'put') await notes.put({ Item: { orderId, note, customer, owner: 'mallory' } });
            else await notes.delete({ Key: { orderId, note } });
          }
        });

        expect(await seenByGlobex()).toStrictEqual(before);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a write with another table name', () => {
  it('goes to its own table', async () => {
    const { notes, runAsTenant, stored } = createTenantsRig();
    const write = { Item: { ...KEY }, TableName: 'accounts' };

    await runAsTenant('acme', () => notes.put(write));

    expect(stored()).toStrictEqual([{ orderId: 'acme#1001', note: 'a' }]);
  });
});

describe('an item of another tenant', () => {
  it.each([
    ['another tenant’s', { customer: 'globex#ann' }],
    ['nobody’s', { customer: 'ann' }],
    ['nobody’s, of another index', { mood: 'glad', rank: 1 }],
    ['a tenant’s whose id begins alike', { customer: 'acme-2#ann' }],
  ])('is not returned if its key is the tenant’s but its index key is %s', async (_, member) => {
    const { notes, runAsTenant, smuggle } = createTenantsRig();
    smuggle({ orderId: 'acme#1001', note: 'a', ...member });

    await expect(runAsTenant('acme', () => notes.get(KEY))).rejects.toMatchObject({ code: 'TENANT_ITEM_FOREIGN' });
  });
});

describe('a paging token', () => {
  const withPages = async () => {
    const rig = createTenantsRig();
    const { notes, runAsTenant } = rig;
    for (const tenantId of ['acme', 'globex']) {
      for (const note of ['a', 'b', 'c']) {
        await runAsTenant(tenantId, () =>
          notes.put({ Item: { orderId: '1001', note, customer: 'ann', owner: tenantId } }),
        );
      }
    }
    const next = (tenantId: string, query: object = {}) =>
      runAsTenant(tenantId, async () => (await notes.query({ partition: '1001', limit: 1, ...query })).next);
    return { ...rig, next };
  };

  it('does not contain the tenant', async () => {
    const { next } = await withPages();

    const token = Buffer.from((await next('acme')) ?? '', 'base64url').toString();

    expect(token).toContain('"1001"');
    expect(token).not.toContain('acme');
  });

  it.each([
    ['another tenant', 'globex', {}],
    ['another partition', 'acme', { partition: '1002' }],
    ['another index', 'acme', { indexName: 'byCustomer', partition: 'ann' }],
    ['the other direction', 'acme', { newestFirst: true }],
    ['another beginning', 'acme', { sortBeginsWith: 'b' }],
  ])('is refused for %s', async (_, tenantId, query) => {
    const { notes, runAsTenant, next } = await withPages();
    const after = (await next('acme')) ?? '';

    const reuse = runAsTenant(tenantId, () => notes.query({ partition: '1001', limit: 1, ...query, after }));

    await expect(reuse).rejects.toMatchObject({ code: 'TENANT_PAGE_INVALID' });
  });

  it('that is forged with a correct checksum stays inside the tenant', async () => {
    const { notes, runAsTenant } = await withPages();
    const stamp = createHash('sha256')
      .update(JSON.stringify(['notes', null, 'acme#1001', null, false]))
      .digest('base64url')
      .slice(0, 16);
    const forge = (key: object) => Buffer.from(JSON.stringify([stamp, key])).toString('base64url');
    const pageBehind = (key: object) =>
      runAsTenant('acme', () => notes.query({ partition: '1001', after: forge(key) }));

    const own = await pageBehind({ orderId: { S: '1001' }, note: { S: 'a' } });

    expect(own.items.map(({ owner, note }) => [owner, note])).toStrictEqual([
      ['acme', 'b'],
      ['acme', 'c'],
    ]);
    for (const key of [
      { orderId: { S: '1001' } },
      { orderId: { N: '1001' }, note: { S: 'a' } },
      { orderId: { S: '1001' }, note: { S: 'a' }, customer: { S: 'ann' } },
      { orderId: { S: '1001', N: '1' }, note: { S: 'a' } },
      { orderId: { S: 'globex#1001' }, note: { S: 'a' } },
      { orderId: { S: 'acme#1001' }, note: { S: 'a' } },
      { orderId: { S: '1002' }, note: { S: 'a' } },
    ]) {
      await expect(pageBehind(key)).rejects.toMatchObject({ code: 'TENANT_PAGE_INVALID' });
    }
  });

  it.each([
    ['a number that is none', { indexName: 'byMood', partition: 'glad' }, { rank: { N: '1 OR 1' } }],
    ['a place before the beginning that is asked for', { partition: 'glad', sortBeginsWith: 'b' }, {}],
  ])('that is forged, with %s, is refused before it is sent', async (_, query, more) => {
    const { notes, runAsTenant } = await withPages();
    const index = 'indexName' in query ? query.indexName : null;
    const beginning = 'sortBeginsWith' in query ? query.sortBeginsWith : null;
    const stamp = createHash('sha256')
      .update(JSON.stringify(['notes', index, 'acme#glad', beginning, false]))
      .digest('base64url')
      .slice(0, 16);
    const key = { orderId: { S: 'glad' }, note: { S: 'a' }, ...(index !== null && { mood: { S: 'glad' } }), ...more };
    const after = Buffer.from(JSON.stringify([stamp, key])).toString('base64url');

    await expect(runAsTenant('acme', () => notes.query({ ...query, after }))).rejects.toMatchObject({
      code: 'TENANT_PAGE_INVALID',
    });
  });

  it('of work without a tenant is not valid for a tenant, even if both read the same partition', async () => {
    const { notes, runAsTenant, withoutTenant } = await withPages();
    const { next } = await withoutTenant('a look around', () => notes.query({ partition: 'acme#1001', limit: 1 }));

    const reuse = runAsTenant('acme', () => notes.query({ partition: '1001', after: next ?? '' }));

    await expect(reuse).rejects.toMatchObject({ code: 'TENANT_PAGE_INVALID' });
  });

  it.each(['', 'x', 'bnVsbA', 'e30', 'W10', 'WyJhIl0'])('that is %j is refused', async (after) => {
    const { notes, runAsTenant } = await withPages();

    await expect(runAsTenant('acme', () => notes.query({ partition: '1001', after }))).rejects.toMatchObject({
      code: 'TENANT_PAGE_INVALID',
    });
  });
});

describe('a group', () => {
  it('is never the same for two tenants, or with and without a tenant', () => {
    const tenantId = fc.option(tenantIds, { nil: undefined });
    const group = fc.oneof(
      fc.string({ unit: fc.constantFrom('a', '1', ':', '#', '-'), minLength: 1, maxLength: 6 }),
      fc.constantFrom('tenant:acme:1', ':acme:1', 'acme:1', 'tenant:', ':'),
    );
    const isTaken = (tenant: string | undefined, text: string) =>
      tenant !== undefined || readGroup(text)?.group === text;

    fc.assert(
      fc.property(tenantId, group, tenantId, group, (one, oneGroup, other, otherGroup) => {
        fc.pre(isTaken(one, oneGroup) && isTaken(other, otherGroup));

        expect(readGroup(groupOf(one, oneGroup))).toStrictEqual({ tenantId: one, group: oneGroup });
        expect(groupOf(one, oneGroup) === groupOf(other, otherGroup)).toBe(one === other && oneGroup === otherGroup);
      }),
      { numRuns: 500 },
    );
  });
});

const deposit = async (id: string, tenantid: string, partitionkey = groupOf(tenantid, 'account#7')) =>
  JSON.stringify(await eventOf(Deposited, { accountId: '7', amount: 1 }, { id, tenantid, partitionkey }));

describe('a forged event', () => {
  it.each([
    ['its tenant changed', 'globex', 'tenant:acme:account#7'],
    ['the group of another tenant', 'acme', 'tenant:globex:account#7'],
    ['a group of nobody', 'acme', 'account#7'],
    ['a tenant that holds a separator', 'acme:account', 'tenant:acme:account:7'],
  ])('with %s is refused before its data is read', async (_, tenantid, partitionkey) => {
    const handled: string[] = [];
    const { tenancy } = createConsumerOf(() => undefined);
    const rig = createRig(({ id }) => void handled.push(id), { ordering: 'strict', tenancy });
    const message = messageOf(await deposit('e1', tenantid, partitionkey), partitionkey);

    const { batchItemFailures } = await rig.handler(batchOf(message), lambdaContext());

    expect(batchItemFailures).toHaveLength(1);
    expect(handled).toStrictEqual([]);
    expect(rig.notes.all()).toMatchObject([{ code: 'EVENT_MALFORMED', state: 'dead', holdsGroup: false }]);
    expect([...rig.store.items('inbox'), ...rig.store.items('cursors')]).toStrictEqual([]);
  });
});

/** A consumer whose handlers use the shared table. */
function createConsumerOf(onDeposit: (rig: ReturnType<typeof createTenantsRig>) => DepositHandler | undefined) {
  const shared = createTenantsRig();
  const { mode, currentTenant, runAsTenant, withoutTenant, tenantOf, keyPrefix, cacheKey } = shared;
  const tenancy = { mode, currentTenant, runAsTenant, withoutTenant, tenantOf, keyPrefix, cacheKey };
  const { handler, store } = createRig(onDeposit(shared) ?? (() => undefined), { ordering: 'strict', tenancy });
  const handle = async (...events: readonly [id: string, tenantId: string][]) => {
    const messages = await Promise.all(
      events.map(async ([id, tenantId]) => messageOf(await deposit(id, tenantId), groupOf(tenantId, 'account#7'))),
    );
    return handler(batchOf(...messages), lambdaContext());
  };
  return { ...shared, tenancy, store, handle };
}

describe('a warm container', () => {
  it('returns each tenant’s own data, event after event', async () => {
    const seen: unknown[] = [];
    const { handle } = createConsumerOf(({ notes }) => async ({ tenantid }) => {
      seen.push([tenantid, await notes.get(KEY)]);
      await notes.put({ Item: { ...KEY, owner: tenantid } });
      seen.push([tenantid, (await notes.get(KEY))?.['owner']]);
    });

    await handle(['e1', 'acme']);
    await handle(['e2', 'globex']);

    expect(seen).toStrictEqual([
      ['acme', undefined],
      ['acme', 'acme'],
      ['globex', undefined],
      ['globex', 'globex'],
    ]);
  });

  it('isolates tenants that share a batch and run concurrently', async () => {
    const mixed: unknown[] = [];
    const { handle } = createConsumerOf(({ notes, cacheKey }) => async ({ tenantid }) => {
      for (let turn = 0; turn < 6; turn++) {
        await notes.put({ Item: { ...KEY, note: `${turn}`, owner: tenantid } });
        await new Promise((resolve) => setTimeout(resolve, 0));
        const { items } = await notes.query({ partition: '1001' });
        mixed.push(...items.map(({ owner }) => owner).filter((owner) => owner !== tenantid));
        if (cacheKey('k') !== `${tenantid}#k`) mixed.push(cacheKey('k'));
      }
    });

    await handle(['e1', 'acme'], ['e2', 'globex'], ['e3', 'initech'], ['e4', 'umbrella']);

    expect(mixed).toStrictEqual([]);
  });

  it('keeps the tenant of work that continues after its handler, also while another tenant is active', async () => {
    const late = Promise.withResolvers<unknown>();
    const { handle, notes, runAsTenant } = createConsumerOf((rig) => async ({ tenantid }) => {
      await rig.notes.put({ Item: { ...KEY, owner: tenantid } });
      if (tenantid === 'acme') setTimeout(() => rig.notes.get(KEY).then(late.resolve), 0);
      else await late.promise;
    });

    await handle(['e1', 'acme']);
    await handle(['e2', 'globex']);

    expect(await late.promise).toMatchObject({ owner: 'acme' });
    expect(await runAsTenant('globex', () => notes.get(KEY))).toMatchObject({ owner: 'globex' });
  });

  it('refuses a handler that starts work of another tenant, and one that publishes for another', async () => {
    const refusals: unknown[] = [];
    const { handle, store } = createConsumerOf((rig) => async () => {
      const attempts = [
        () => rig.runAsTenant('globex', () => rig.notes.get(KEY)),
        () => rig.runAsTenant(undefined, () => rig.notes.get(KEY)),
        () => rig.outbox.transact((tx) => tx.publish(Audited, { note: 'a' }), { tenantId: 'globex' }),
      ];
      for (const attempt of attempts) {
        await (async () => attempt())().catch((error: { code: string }) => refusals.push(error.code));
      }
    });

    await handle(['e1', 'acme']);

    expect(refusals).toStrictEqual(['TENANT_MISMATCH', 'TENANT_MISMATCH', 'TENANT_MISMATCH']);
    expect(store.events).toStrictEqual([]);
  });

  it('gives no tenant to work that a handler leaves at module level', async () => {
    const { handle, notes, currentTenant } = createConsumerOf(() => () => undefined);

    await handle(['e1', 'acme']);

    expect(currentTenant()).toBeUndefined();
    await expect(notes.get(KEY)).rejects.toMatchObject({ code: 'TENANT_MISSING' });
  });
});

describe('an event of the outbox', () => {
  it('is accepted by consumers: tenant and group match', async () => {
    const { outbox, runAsTenant } = createTenantsRig();

    const { events } = await runAsTenant('acme', () =>
      outbox.transact((tx) => {
        tx.publish(Deposited, { accountId: 'globex:7', amount: 1 });
        tx.publish(Audited, { note: 'a' });
      }),
    );

    expect(events.map((event) => parseEvent(JSON.stringify(event)).partitionkey)).toStrictEqual([
      'tenant:acme:account#globex:7',
      expect.stringMatching(/^tenant:acme:event-\d$/),
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../../../../lib/definitions/index.ts';
import type { CommittedChange } from '../../../../../local/dynamodb/dynamodb.ts';
import { createEventTrail } from '../../../local/invariants/event-trail.ts';
import { watchTenants } from '../../../local/invariants/tenant-watch.ts';

const event = (id: string, tenantid: string | undefined, more: Partial<CloudEvent> = {}): CloudEvent => ({
  specversion: '1.0',
  id,
  source: '/orders',
  type: 'order.placed',
  time: '2026-11-20T09:00:00.000Z',
  datacontenttype: 'application/json',
  dataschema: 'x:1',
  partitionkey: tenantid === undefined ? 'order#1' : `tenant:${tenantid}:order#1`,
  sequence: '0000000000000001',
  correlationid: 'c1',
  hops: 0,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  data: {},
  ...(tenantid === undefined ? {} : { tenantid }),
  ...more,
});

const trailOf = (...events: CloudEvent[]) => {
  const trail = createEventTrail(['a', 'b']);
  for (const each of events) trail.addEvent(each);
  return trail.checkIsolation();
};

describe('the trail of events', () => {
  it('stays with one tenant from cause to effect', () => {
    expect(trailOf(event('1', 'a'), event('2', 'a', { causationid: '1' }), event('3', 'b'))).toMatchObject({
      holds: true,
      detail: ['3 events, 1 caused by another'],
    });
  });

  it('shows events without a tenant, of an unknown tenant, in the group of another tenant, or caused by another tenant', () => {
    expect(
      trailOf(
        event('1', undefined),
        event('2', 'z'),
        event('3', 'a', { partitionkey: 'tenant:b:order#1' }),
        event('4', 'b', { causationid: '5' }),
        event('5', 'a'),
      ),
    ).toMatchObject({
      holds: false,
      detail: [
        'order.placed 1 is of no tenant',
        'order.placed 2 is of z',
        'order.placed 3 is of a, and its group is tenant:b:order#1',
        'order.placed 4 is of b, and was caused by 5 of a',
      ],
    });
  });
});

describe('watchTenants', () => {
  const check = (...commits: (readonly (readonly [table: string, item: Record<string, string>])[])[]) => {
    let listener: (changes: readonly CommittedChange[]) => void = () => {};
    using watch = watchTenants(
      {
        onCommit(given) {
          listener = given;
          return () => {};
        },
      },
      [
        { tableName: 'orders', partitionKeys: ['orderId', 'customerId'], keysHold: 'tenant' },
        { tableName: 'positions', partitionKeys: ['id'], keysHold: 'group' },
      ],
      ['a', 'b'],
    );
    for (const commit of commits) {
      listener(
        commit.map(([tableName, item]) => ({
          tableName,
          before: undefined,
          after: Object.fromEntries(Object.entries(item).map(([name, S]) => [name, { S }])),
        })),
      );
    }
    return watch.check();
  };

  it('accepts items with a tenant of the run in all keys, and tables of others', () => {
    expect(
      check(
        [['orders', { orderId: 'a#1', customerId: 'a#c' }]],
        [['orders', { orderId: 'b#1' }]],
        [['hub', { id: 'x' }]],
      ),
    ).toMatchObject({ holds: true, detail: ['2 writes to 2 tables'] });
  });

  it('shows items and index keys without a tenant', () => {
    expect(check([['orders', { orderId: 'a' }]], [['orders', { orderId: 'a#1', customerId: 'c' }]])).toMatchObject({
      holds: false,
      detail: [
        "orders: 'a' is of no tenant",
        "orders: 'c' is of no tenant",
        'one transaction wrote items of a and nobody, in orders',
      ],
    });
  });

  it('finds the tenant in the groups of bookkeeping tables, and accepts items for all tenants', () => {
    expect(
      check(
        [
          ['orders', { orderId: 'a#1' }],
          ['positions', { id: 'position#1#tenant:a:order#1' }],
        ],
        [['positions', { id: 'view' }]],
        [
          ['orders', { orderId: 'a#2' }],
          ['positions', { id: 'position#1#tenant:b:order#1' }],
        ],
        [['positions', { id: 'position#1#tenant:z:order#1' }]],
      ),
    ).toMatchObject({
      holds: false,
      detail: [
        'one transaction wrote items of a and b, in orders, positions',
        "positions: 'position#1#tenant:z:order#1' is of no tenant",
      ],
    });
  });

  it('shows a transaction that spans tenants', () => {
    expect(
      check([
        ['orders', { orderId: 'a#1' }],
        ['orders', { orderId: 'b#1' }],
      ]),
    ).toMatchObject({
      holds: false,
      detail: ['one transaction wrote items of a and b, in orders'],
    });
  });
});

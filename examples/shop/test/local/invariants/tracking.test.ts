import { describe, expect, it } from 'vitest';
import type { Shipment } from '../../../functions/shipping/shipment.ts';
import type { TrackingReport } from '../../../local/external/tracking-sender.ts';
import { checkTracking } from '../../../local/invariants/tracking.ts';
import { factsOf, order } from './facts.ts';

const AT = '2026-11-21T08:00:00.000Z';

const shipment = (more: Partial<Extract<Shipment, { status: 'booked' }>> = {}): Shipment => ({
  orderId: '1',
  status: 'booked',
  shipmentId: 's1',
  trackingNumber: 't1',
  lines: [{ sku: 'TEA', quantity: 1 }],
  tracking: { status: 'delivered', at: AT },
  moves: [
    { deliveryId: 'm2', status: 'delivered', at: AT },
    { deliveryId: 'm1', status: 'picked-up', at: AT },
  ],
  ...more,
});

const parcel = { account: undefined, reference: '1', trackingCode: 't1' };

const report: TrackingReport = {
  told: [
    { ...parcel, deliveryId: 'm1', state: 'PICKED_UP', occurredAt: AT },
    { ...parcel, deliveryId: 'm2', state: 'DELIVERED', occurredAt: AT },
  ],
  listedOnly: 0,
  forged: [{ deliveryId: 'f1', what: 'forge', status: 401 }],
};

const once = new Map([
  ['m1', 1],
  ['m2', 1],
]);

const check = (of: Shipment, told: TrackingReport = report, events: ReadonlyMap<string, number> = once) =>
  checkTracking(factsOf({ orders: [order('1')], shipments: [of] }), told, events);

describe('tracking', () => {
  it('holds if each message is in the log and in its shipment once, in any order', () => {
    expect(check(shipment())).toEqual({
      name: 'tracking: each message took effect once, no forged one did',
      holds: true,
      detail: ['2 messages of carriers, 1 forged'],
    });
  });

  it.each<[string, ReturnType<typeof check>, string]>([
    [
      'a message took effect twice in the log',
      check(shipment(), report, new Map([...once, ['m1', 2]])),
      'm1 of order 1 is in the log 2 times',
    ],
    [
      'a message was answered and never committed',
      check(shipment(), report, new Map([['m2', 1]])),
      'm1 of order 1 is in the log 0 times',
    ],
    [
      'a forged message is in the log',
      check(shipment(), report, new Map([...once, ['f1', 1]])),
      'f1 is in the log, and no carrier sent it',
    ],
    [
      'a forged message was answered with success',
      check(shipment(), { ...report, forged: [{ deliveryId: 'f1', what: 'tamper', status: 204 }] }),
      'f1 (tamper) was answered with 204',
    ],
    [
      'a shipment has noted a message twice',
      check(shipment({ moves: ['m1', 'm2', 'm2'].map((deliveryId) => ({ deliveryId, status: 'delivered', at: AT })) })),
      'order 1 has noted m1, m2, m2; its carrier told m1, m2',
    ],
    [
      'an earlier station overwrote a later one',
      check(shipment({ tracking: { status: 'picked-up', at: AT } })),
      'order 1 is delivered, and shows picked-up',
    ],
  ])('is wrong if %s', (_, invariant, detail) => {
    expect(invariant).toMatchObject({ holds: false, detail: [detail] });
  });

  it('is wrong if a shipped order has no tracking', () => {
    const { tracking: _, moves: __, ...bare } = shipment() as Extract<Shipment, { status: 'booked' }>;

    expect(check(bare)).toMatchObject({
      holds: false,
      detail: ['order 1 has noted nothing; its carrier told m1, m2'],
    });
  });
});

import { describe, expect, it } from 'vitest';
import type { Shipment } from '../../../functions/shipping/shipment.ts';
import { checkParcels } from '../../../local/invariants/parcels.ts';
import { factsOf, factsOfTwo, order } from './facts.ts';

const booked = (orderId: string): Shipment => ({
  orderId,
  status: 'booked',
  shipmentId: `s${orderId}`,
  trackingNumber: `t${orderId}`,
  lines: [{ sku: 'TEA', quantity: 1 }],
  carrier: 'carrier',
  rate: { service: 'STANDARD', amount: { currency: 'GBP', minorUnits: 395 }, days: 3 },
});

const barred = (orderId: string): Shipment => ({ orderId, status: 'cancelled', reason: 'customer' });

const parcel = (reference: string, pieces = 1) =>
  ({
    system: 'carrier',
    price: 395,
    state: 'BOOKED',
    consignment: `s${reference}`,
    reference,
    items: [{ article: 'TEA', pieces }],
  }) as const;

const refused = {
  system: 'courier',
  price: 450,
  state: 'REJECTED',
  consignment: undefined,
  reference: '2',
  items: [],
} as const;

const cancelled = order('2', { status: 'cancelled', cancellationReason: 'customer' });

describe('parcels', () => {
  it('are sent once for each shipped order, and for no other', () => {
    const facts = factsOf({ orders: [order('1'), cancelled], shipments: [booked('1'), barred('2')] });

    expect(checkParcels(facts, [parcel('1'), refused])).toEqual({
      name: 'parcels: one for each shipped order, and no others',
      holds: true,
      detail: ['1 parcel by carrier'],
    });
  });

  it('are wrong if one is missing, belongs to a cancelled order, contains other goods, or has no shipment', () => {
    const facts = factsOf({
      orders: [order('1'), cancelled, order('3'), order('4')],
      shipments: [booked('1'), booked('2'), booked('3')],
    });
    const parcels = [parcel('2'), parcel('3', 2), { ...parcel('3'), consignment: 's9' }];

    expect(checkParcels(facts, parcels)).toMatchObject({
      holds: false,
      detail: [
        'order 1 is shipped, and its carrier has 0 parcels of it',
        'order 2 is cancelled, and its carrier has 1 parcel of it',
        'the parcel of order 3 holds other goods',
        'order 4 is shipped, and its carrier has 0 parcels of it',
        'parcel s9 of order 3 went out, and no shipment of an order tells of it',
      ],
    });
  });

  it('are wrong if one order has parcels at two carriers, or another carrier or price than was chosen', () => {
    const facts = factsOf({ orders: [order('1'), order('2'), order('3')], shipments: ['1', '2', '3'].map(booked) });
    const parcels = [
      parcel('1'),
      { ...parcel('1'), system: 'courier', consignment: 'JOB_1' } as const,
      { ...parcel('2'), system: 'courier' } as const,
      { ...parcel('3'), price: 900 },
    ];

    expect(checkParcels(facts, parcels)).toMatchObject({
      holds: false,
      detail: [
        'the parcel of order 2 went with another carrier, or for another price, than was chosen',
        'the parcel of order 3 went with another carrier, or for another price, than was chosen',
        'parcel JOB_1 of order 1 went out, and no shipment of an order tells of it',
      ],
    });
  });

  it('are sent once each for equal orders of two tenants', () => {
    const facts = factsOfTwo(
      { orders: [order('1')], shipments: [booked('1')] },
      { orders: [order('1')], shipments: [{ ...booked('1'), shipmentId: 's2' } as Shipment] },
    );

    expect(checkParcels(facts, [parcel('1'), { ...parcel('1'), consignment: 's2' }])).toMatchObject({ holds: true });
    expect(checkParcels(facts, [parcel('1')])).toMatchObject({
      holds: false,
      detail: ['order 1 of b is shipped, and its carrier has 0 parcels of it'],
    });
  });
});

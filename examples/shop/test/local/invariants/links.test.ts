import { describe, expect, it } from 'vitest';
import type { LinkIdentity, LinkType } from '../../../../../lib/links/index.ts';
import { checkCreditNotes, checkLinks } from '../../../local/invariants/links.ts';
import { captured, factsOf, factsOfTwo, order, pounds, refunded } from './facts.ts';

const MODULES = { order: 'orders', payment: 'payments', shipment: 'shipping' } as const;

const entity = (text: string) => {
  const [type = '', id = ''] = text.split(' ');
  return { module: MODULES[type as keyof typeof MODULES], type, id };
};

const link = (source: string, target: string, type: LinkType, tenantId?: string) => ({
  tenantId,
  item: { source: entity(source), target: entity(target), type } satisfies LinkIdentity,
});

const shipment = (orderId: string) => ({
  orderId,
  status: 'booked' as const,
  shipmentId: `s${orderId}`,
  trackingNumber: `t${orderId}`,
  lines: [{ sku: 'TEA', quantity: 1 }],
});

const linksOf = (orderId: string, tenantId?: string) => [
  link(`order ${orderId}`, `payment p${orderId}`, 'cascade', tenantId),
  link(`order ${orderId}`, `shipment s${orderId}`, 'aggregate_root', tenantId),
  link(`shipment s${orderId}`, `payment p${orderId}`, 'reference', tenantId),
];

const cancelled = order('2', { status: 'cancelled' });

describe('the links of orders', () => {
  it('are those of shipped orders', () => {
    const facts = factsOf({
      orders: [order('1'), cancelled],
      payments: [captured('1'), refunded('2')],
      shipments: [shipment('1')],
    });

    expect(checkLinks(facts, { links: linksOf('1') })).toStrictEqual({
      name: 'links: shipped orders are linked, cancelled ones are not',
      holds: true,
      detail: ['3 links'],
    });
  });

  it('are reported if they are missing, left over, or of another tenant', () => {
    const facts = factsOfTwo(
      { orders: [order('1'), cancelled], payments: [captured('1'), refunded('2')], shipments: [shipment('1')] },
      {},
    );
    const links = [
      ...linksOf('1', 'a').slice(1),
      link('order 1', 'payment p1', 'cascade', 'b'),
      ...linksOf('2', 'a').slice(0, 1),
    ];

    expect(checkLinks(facts, { links })).toMatchObject({
      holds: false,
      detail: [
        'order 1 to payment p1 (cascade) of a is missing',
        'order 1 to payment p1 (cascade) of b is there, and was not due',
        'order 2 to payment p2 (cascade) of a is there, and was not due',
      ],
    });
  });
});

describe('the credit notes', () => {
  const note = (orderId: string, minorUnits = 1_000) => ({
    tenantId: undefined,
    item: { orderId, paymentId: `p${orderId}`, amount: pounds(minorUnits) },
  });

  it('are those of refunded payments', () => {
    const facts = factsOf({ payments: [captured('1'), refunded('2')] });

    expect(checkCreditNotes(facts, { creditNotes: [note('2')] })).toMatchObject({
      holds: true,
      detail: ['1 credit note'],
    });
  });

  it('are reported if one is missing, not due, or of another amount', () => {
    const facts = factsOf({ payments: [captured('1'), refunded('2'), refunded('3')] });

    expect(checkCreditNotes(facts, { creditNotes: [note('1'), note('3', 5)] })).toMatchObject({
      holds: false,
      detail: [
        'a credit note of GBP 1000 for payment p2 of order 2 is missing',
        'a credit note of GBP 1000 for payment p3 of order 3 is missing',
        'a credit note of GBP 1000 for payment p1 of order 1 is there, and was not due',
        'a credit note of GBP 5 for payment p3 of order 3 is there, and was not due',
      ],
    });
  });
});

import { Logger } from '@aws-lambda-powertools/logger';
import { describe, expect, it } from 'vitest';
import { createLinkFinder, LINKS_TABLE, parseLinkItem } from 'waybill/links';
import { createHarness } from 'waybill/testing';
import { lambdaContext } from '../../../../test/fixtures/lambda-context.ts';
import { creditNoteSchema } from '../../functions/credit-notes/credit-note.ts';
import { createCreditNotesHandlers } from '../../functions/credit-notes/handler.ts';
import { CREDIT_NOTES_TABLE } from '../../functions/credit-notes/table.ts';
import { createFindLinks } from '../../functions/find-links/handler.ts';
import { createOrderLinksHandlers } from '../../functions/order-links/handler.ts';
import { OrderCancelled } from '../../functions/orders/events.ts';
import { PaymentCaptured, PaymentRefunded } from '../../functions/payments/events.ts';
import { ShipmentCreated } from '../../functions/shipping/events.ts';

const AMOUNT = { currency: 'GBP', minorUnits: 500 };
const PAID = { orderId: '1001', paymentId: 'pay-1', amount: AMOUNT };
const SHIPPED = { orderId: '1001', shipmentId: 'ship-1' };
const CANCELLED = { orderId: '1001', customerId: 'ann', reason: 'stock' as const };

const ORDER = { module: 'orders', type: 'order', id: '1001' };
const PAYMENT = { module: 'payments', type: 'payment', id: 'pay-1' };
const SHIPMENT = { module: 'shipping', type: 'shipment', id: 'ship-1' };

function createRig() {
  const shop = createHarness({ tables: { links: LINKS_TABLE, notes: CREDIT_NOTES_TABLE } });
  const table = shop.table('links', parseLinkItem);
  const orderLinks = shop.serve(createOrderLinksHandlers({ table, outbox: shop.outbox }));
  shop.serve(createCreditNotesHandlers({ notes: shop.table('notes', (item) => creditNoteSchema.parse(item)) }));
  const links = createLinkFinder({ table });
  const findLinks = createFindLinks({ links, tenancy: shop.tenancy, logger: new Logger({ logLevel: 'SILENT' }) });
  return { shop, orderLinks, find: (query: unknown) => findLinks(query, lambdaContext()) };
}

describe('order-links', () => {
  it('links an order with its payment and its shipment, and the two with each other', async () => {
    const { shop, orderLinks, find } = createRig();
    const { event: captured } = await orderLinks.when(PaymentCaptured, PAID);
    const { event: shipped } = await orderLinks.when(ShipmentCreated, SHIPPED);
    shop.advance(60_000);
    const { event: refunded } = await orderLinks.when(PaymentRefunded, PAID);

    const byPayment = { source: '/payments', id: captured.id, type: 'com.example.payment.captured' };
    const byShipment = { source: '/shipping', id: shipped.id, type: 'com.example.shipment.created' };
    const unchanged = { changedAt: undefined, changedBy: undefined };
    const at = '2026-01-05T09:00:00.000Z';
    expect(await find(ORDER)).toStrictEqual({
      items: [
        {
          source: ORDER,
          target: SHIPMENT,
          type: 'aggregate_root',
          metadata: {},
          createdAt: at,
          createdBy: byShipment,
          ...unchanged,
        },
        {
          source: ORDER,
          target: PAYMENT,
          type: 'cascade',
          metadata: { amount: AMOUNT, refunded: true },
          createdAt: at,
          createdBy: byPayment,
          changedAt: '2026-01-05T09:01:00.000Z',
          changedBy: { source: '/payments', id: refunded.id, type: 'com.example.payment.refunded' },
        },
      ],
      next: undefined,
    });
    expect((await find(PAYMENT)).items.map(({ source, type }) => [source.id, type])).toStrictEqual([
      ['1001', 'cascade'],
      ['ship-1', 'reference'],
    ]);
    expect((await find({ ...SHIPMENT, linkType: 'reference' })).items).toStrictEqual([
      {
        source: SHIPMENT,
        target: PAYMENT,
        type: 'reference',
        metadata: {},
        createdAt: at,
        createdBy: byShipment,
        ...unchanged,
      },
    ]);
  });

  it('causes a credit note when a paid order is cancelled', async () => {
    const { shop, find } = createRig();
    await shop.publish(PaymentCaptured, PAID);
    await shop.publish(PaymentRefunded, PAID);
    await shop.publish(OrderCancelled, CANCELLED);

    await shop.runToEnd({ duplicates: 0.5, crashes: 0.2 });

    expect(shop.items('notes')).toStrictEqual([{ paymentId: 'pay-1', orderId: '1001', amount: AMOUNT }]);
    expect((await find(ORDER)).items).toStrictEqual([]);
  });

  it('writes no credit note for an order that was never paid', async () => {
    const { shop } = createRig();
    await shop.publish(PaymentRefunded, { ...PAID, paymentId: 'none', amount: { currency: 'XXX', minorUnits: 0 } });
    await shop.publish(OrderCancelled, CANCELLED);

    const { deadLetters } = await shop.runToEnd();

    expect(deadLetters).toStrictEqual([]);
    expect(shop.items('notes')).toStrictEqual([]);
  });

  it.each([
    [PaymentCaptured, PAID],
    [PaymentRefunded, PAID],
    [ShipmentCreated, SHIPPED],
  ] as const)('changes nothing when an event comes again that it has forgotten: $type', async (definition, data) => {
    const { shop, orderLinks } = createRig();
    await shop.given({ items: { links: [] } });
    await orderLinks.when(PaymentCaptured, PAID);
    await orderLinks.when(definition, data);
    const before = shop.items('links');

    const again = await orderLinks.again({ forgotten: true });

    expect(again.kind).toBe('handled');
    expect(shop.items('links')).toStrictEqual(before);
  });

  it('keeps the links of two tenants apart', async () => {
    const shop = createHarness({ tables: { links: LINKS_TABLE }, tenancy: 'required' });
    const table = shop.table('links', parseLinkItem);
    const orderLinks = shop.serve(createOrderLinksHandlers({ table, outbox: shop.outbox }));
    const findLinks = createFindLinks({
      links: createLinkFinder({ table }),
      tenancy: shop.tenancy,
      logger: new Logger({ logLevel: 'SILENT' }),
    });
    await orderLinks.when(PaymentCaptured, PAID, { tenantId: 'acme' });

    const [acme, globex] = await Promise.all(
      ['acme', 'globex'].map((tenantId) => findLinks({ ...ORDER, tenantId }, lambdaContext())),
    );

    expect(acme?.items).toHaveLength(1);
    expect(globex?.items).toStrictEqual([]);
    await expect(findLinks(ORDER, lambdaContext())).rejects.toMatchObject({ code: 'TENANT_MISSING' });
  });
});

describe('find-links', () => {
  it('rejects a query that names no entity', async () => {
    const { find } = createRig();

    await expect(find({ module: 'orders' })).rejects.toMatchObject({
      code: 'FIND_LINKS_INVALID',
      message: expect.stringMatching(/type: .*; id: /),
    });
    await expect(find({ module: 'Orders', type: 'order', id: '1' })).rejects.toMatchObject({ code: 'LINK_INVALID' });
  });
});

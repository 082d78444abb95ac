import { describe, expect, it } from 'vitest';
import { createHarness, happened } from 'waybill/testing';
import { InventoryReleased } from '../../functions/inventory/events.ts';
import { OrderPlaced } from '../../functions/orders/events.ts';
import { auditEntrySchema } from '../../functions/payments/audit-entry.ts';
import { createAuditTrail } from '../../functions/payments/audit-trail.ts';
import { PaymentCaptured, PaymentFailed, PaymentHeld, PaymentRefunded } from '../../functions/payments/events.ts';
import { createFakeFraudCheck } from '../../functions/payments/fake-fraud-check.ts';
import { createFakePaymentGateway } from '../../functions/payments/fake-payment-gateway.ts';
import type { FraudVerdict } from '../../functions/payments/fraud-check.ts';
import { createPaymentsHandlers } from '../../functions/payments/handler.ts';
import { paymentSchema } from '../../functions/payments/payment.ts';
import { PAYMENT_AUDIT_TABLE, PAYMENTS_TABLE } from '../../functions/payments/table.ts';

const gbp = (minorUnits: number) => ({ currency: 'GBP', minorUnits });

const order = (minorUnits: number) => ({
  orderId: '1001',
  customerId: 'customer-1',
  lines: [{ sku: 'TEA', quantity: 2 }],
  total: gbp(minorUnits),
});

const released = { orderId: '1001', lines: [{ sku: 'TEA', quantity: 2 }] };

function createPayments(verdict: FraudVerdict['kind'] = 'pass') {
  const shop = createHarness({ tables: { payments: PAYMENTS_TABLE, audit: PAYMENT_AUDIT_TABLE } });
  const gateway = createFakePaymentGateway();
  const payments = shop.serve(
    createPaymentsHandlers({
      payments: shop.table('payments', (item) => paymentSchema.parse(item)),
      audit: createAuditTrail({
        entries: shop.table('audit', (item) => auditEntrySchema.parse(item)),
        clock: shop.clock,
      }),
      gateway,
      fraudCheck: createFakeFraudCheck({ judge: () => verdict }),
    }),
  );
  return { shop, gateway, payments };
}

describe('payments', () => {
  it.each(['before-commit', 'after-commit'] as const)(
    'holds a payment for review once, and charges nothing, despite a crash %s',
    async (crash) => {
      const { shop, gateway, payments } = createPayments('review');
      await payments.when(OrderPlaced, order(1_500), { crash });

      await payments.again();
      await payments.again({ forgotten: true });

      expect(gateway.charges).toStrictEqual([]);
      expect(shop.items('payments')).toMatchObject([{ orderId: '1001', status: 'held', amount: gbp(1_500) }]);
      expect(shop.events(PaymentHeld)).toHaveLength(1);
      expect(shop.items('audit')).toMatchObject([{ what: 'held', amount: gbp(1_500) }]);
    },
  );

  it('fails a payment that the fraud check refuses, without asking the gateway', async () => {
    const { shop, gateway, payments } = createPayments('refuse');

    const outcome = await payments.when(OrderPlaced, order(1_500));

    expect(gateway.charges).toStrictEqual([]);
    expect(outcome.eventsOf(PaymentFailed)).toMatchObject([{ data: { reason: 'fraud' } }]);
    expect(shop.items('audit')).toMatchObject([{ what: 'refused', reason: 'fraud-check' }]);
  });

  it('notes a charge with the card as people know it, and never with its token', async () => {
    const { shop, gateway, payments } = createPayments();
    const paymentMethod = { token: 'tok_8sd7f6', brand: 'visa', last4: '4242' };

    await payments.when(OrderPlaced, { ...order(1_500), paymentMethod });

    expect(gateway.charges).toMatchObject([{ paymentMethod }]);
    expect(shop.items('audit')).toMatchObject([
      { what: 'charged', amount: gbp(1_500), paymentMethod: { brand: 'visa', last4: '4242' } },
    ]);
    expect(JSON.stringify(shop.items('audit'))).not.toContain('tok_');
  });

  it('captures the payment of a placed order', async () => {
    const { shop, gateway, payments } = createPayments();

    const outcome = await payments.when(OrderPlaced, order(1_500));

    const [charge] = gateway.charges;
    expect(charge).toMatchObject({ orderId: '1001', amount: gbp(1_500) });
    expect(shop.items('payments')).toStrictEqual([
      { orderId: '1001', status: 'captured', paymentId: charge?.paymentId, amount: gbp(1_500) },
    ]);
    expect(outcome.eventsOf(PaymentCaptured)).toMatchObject([
      { data: { orderId: '1001', paymentId: charge?.paymentId, amount: gbp(1_500) }, partitionkey: 'order#1001' },
    ]);
  });

  it('reports a declined charge', async () => {
    const { payments } = createPayments();

    const outcome = await payments.when(OrderPlaced, order(100_000));

    expect(outcome.eventsOf(PaymentFailed)).toMatchObject([{ data: { reason: 'limit-exceeded' } }]);
  });

  it.each(['before-commit', 'after-commit'] as const)('charges once despite a crash %s', async (crash) => {
    const { shop, gateway, payments } = createPayments();
    await payments.when(OrderPlaced, order(1_500), { crash });

    await payments.again();

    expect(gateway.charges).toHaveLength(1);
    expect(shop.items('payments')).toMatchObject([{ status: 'captured' }]);
    expect(shop.events(PaymentCaptured)).toHaveLength(1);
  });

  it('charges once, even if the event is delivered again after its inbox record has expired', async () => {
    const { shop, gateway, payments } = createPayments();
    await payments.when(OrderPlaced, order(1_500));

    const outcome = await payments.again({ forgotten: true });

    expect(outcome).toMatchObject({ kind: 'handled', writes: [], events: [] });
    expect(gateway.charges).toHaveLength(1);
    expect(shop.items('payments')).toHaveLength(1);
  });

  it('refunds a captured payment once, when its stock is released', async () => {
    const { gateway, payments, shop } = createPayments();
    await shop.given({ events: [happened(OrderPlaced, order(1_500))] });

    const outcome = await payments.when(InventoryReleased, released);
    const repeated = await payments.again({ forgotten: true });

    expect(outcome.eventsOf(PaymentRefunded)).toMatchObject([{ data: { orderId: '1001', amount: gbp(1_500) } }]);
    expect(repeated.events).toStrictEqual([]);
    expect(gateway.refunds).toHaveLength(1);
  });

  it('refunds nothing if nothing was captured', async () => {
    const { gateway, payments, shop } = createPayments();
    await shop.given({ events: [happened(OrderPlaced, order(100_000))] });

    const outcome = await payments.when(InventoryReleased, { orderId: '1001', lines: [] });

    expect(outcome).toMatchObject({ kind: 'handled', writes: [], events: [] });
    expect(gateway.refunds).toStrictEqual([]);
  });

  it('retries events of an order that it does not know yet', async () => {
    const { payments } = createPayments();

    const outcome = await payments.when(InventoryReleased, released);

    expect(outcome).toMatchObject({ kind: 'failed', failure: { code: 'SHOP_ORDER_UNKNOWN', isFinal: false } });
  });
});

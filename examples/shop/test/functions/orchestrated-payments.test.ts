import { describe, expect, it } from 'vitest';
import { createHarness } from 'waybill/testing';
import { PaymentCaptureRequested, PaymentRefundRequested } from '../../functions/order-fulfilment/events.ts';
import { auditEntrySchema } from '../../functions/payments/audit-entry.ts';
import { createAuditTrail } from '../../functions/payments/audit-trail.ts';
import { PaymentFailed, PaymentRefunded, PaymentReviewed } from '../../functions/payments/events.ts';
import { createFakeFraudCheck } from '../../functions/payments/fake-fraud-check.ts';
import { createFakePaymentGateway } from '../../functions/payments/fake-payment-gateway.ts';
import type { FraudVerdict } from '../../functions/payments/fraud-check.ts';
import { createOrchestratedPaymentsHandlers } from '../../functions/payments/orchestrated-handler.ts';
import { paymentSchema } from '../../functions/payments/payment.ts';
import { PAYMENT_AUDIT_TABLE, PAYMENTS_TABLE } from '../../functions/payments/table.ts';

const orderId = '1042';
const gbp = (minorUnits: number) => ({ currency: 'GBP', minorUnits });

function createPayments(verdict: FraudVerdict['kind'] = 'pass') {
  const shop = createHarness({ tables: { payments: PAYMENTS_TABLE, audit: PAYMENT_AUDIT_TABLE } });
  const gateway = createFakePaymentGateway();
  const payments = shop.table('payments', (item) => paymentSchema.parse(item));
  const entries = shop.table('audit', (item) => auditEntrySchema.parse(item));
  const audit = createAuditTrail({ entries, clock: shop.clock });
  const fraudCheck = createFakeFraudCheck({ judge: () => verdict });
  const handlers = createOrchestratedPaymentsHandlers({ payments, audit, gateway, fraudCheck });
  return { shop, gateway, payments: shop.serve(handlers) };
}

describe('payments, orchestrated', () => {
  it('close a held payment when the saga asks for its refund, and charge nothing after that', async () => {
    const { shop, gateway, payments } = createPayments('review');
    await payments.when(PaymentCaptureRequested, { orderId, amount: gbp(900) });

    await payments.when(PaymentRefundRequested, { orderId });
    await payments.when(PaymentReviewed, { orderId, decision: 'release' });

    expect(shop.items('payments')).toMatchObject([{ status: 'closed' }]);
    expect(shop.events(PaymentRefunded)).toMatchObject([{ data: { orderId, paymentId: 'none' } }]);
    expect(gateway.charges).toStrictEqual([]);
  });

  it.each(['before-commit', 'after-commit'] as const)('refund once despite a crash %s', async (crash) => {
    const { shop, gateway, payments } = createPayments();
    await payments.when(PaymentCaptureRequested, { orderId, amount: gbp(900) });
    await payments.when(PaymentRefundRequested, { orderId }, { crash });

    await payments.again();
    await payments.again({ forgotten: true });

    expect(gateway.refunds).toMatchObject([{ amount: gbp(900) }]);
    expect(shop.events(PaymentRefunded)).toMatchObject([{ data: { orderId, amount: gbp(900) } }]);
    expect(shop.items('payments')).toMatchObject([{ status: 'refunded' }]);
  });

  it('answer a refund of a declined payment without moving money', async () => {
    const { gateway, payments } = createPayments();
    await payments.when(PaymentCaptureRequested, { orderId, amount: gbp(100_000) });

    const outcome = await payments.when(PaymentRefundRequested, { orderId });

    expect(outcome.eventsOf(PaymentRefunded)).toMatchObject([{ data: { paymentId: 'none', amount: gbp(0) } }]);
    expect(gateway.refunds).toStrictEqual([]);
  });

  it('refuse to capture a payment after its refund, without calling the gateway', async () => {
    const { gateway, payments } = createPayments();

    const refund = await payments.when(PaymentRefundRequested, { orderId });
    const capture = await payments.when(PaymentCaptureRequested, { orderId, amount: gbp(900) });
    const repeated = await payments.again({ forgotten: true });

    expect(refund.eventsOf(PaymentRefunded)).toMatchObject([{ data: { amount: { currency: 'XXX', minorUnits: 0 } } }]);
    expect(capture.eventsOf(PaymentFailed)).toMatchObject([{ data: { amount: gbp(900), reason: 'payment-closed' } }]);
    expect(repeated.events).toStrictEqual([]);
    expect(gateway.charges).toStrictEqual([]);
  });
});

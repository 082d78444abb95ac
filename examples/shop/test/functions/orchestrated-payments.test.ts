import { describe, expect, it } from 'vitest';
import { createHarness } from 'waybill/testing';
import { PaymentCaptureRequested, PaymentRefundRequested } from '../../functions/order-fulfilment/events.ts';
import { PaymentFailed, PaymentRefunded } from '../../functions/payments/events.ts';
import { createFakePaymentGateway } from '../../functions/payments/fake-payment-gateway.ts';
import { createOrchestratedPaymentsHandlers } from '../../functions/payments/orchestrated-handler.ts';
import { paymentSchema } from '../../functions/payments/payment.ts';
import { PAYMENTS_TABLE } from '../../functions/payments/table.ts';

const orderId = '1042';
const gbp = (minorUnits: number) => ({ currency: 'GBP', minorUnits });

function createPayments() {
  const shop = createHarness({ tables: { payments: PAYMENTS_TABLE } });
  const gateway = createFakePaymentGateway();
  const payments = shop.table('payments', (item) => paymentSchema.parse(item));
  return { shop, gateway, payments: shop.serve(createOrchestratedPaymentsHandlers({ payments, gateway })) };
}

describe('payments, orchestrated', () => {
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

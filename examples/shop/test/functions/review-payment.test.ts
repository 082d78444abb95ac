import { describe, expect, it } from 'vitest';
import { createHarness, createSilentLogger } from 'waybill/testing';
import { lambdaContext } from '../../../../test/fixtures/lambda-context.ts';
import { auditEntrySchema } from '../../functions/payments/audit-entry.ts';
import { createAuditTrail } from '../../functions/payments/audit-trail.ts';
import { PaymentReviewed } from '../../functions/payments/events.ts';
import { paymentSchema } from '../../functions/payments/payment.ts';
import { PAYMENT_AUDIT_TABLE, PAYMENTS_TABLE } from '../../functions/payments/table.ts';
import { createReviewPayment } from '../../functions/review-payment/handler.ts';

const held = { orderId: '1001', status: 'held', amount: { currency: 'GBP', minorUnits: 50_000 }, checkId: 'fra_1' };

async function createRig(payment?: object) {
  const shop = createHarness({ tables: { payments: PAYMENTS_TABLE, audit: PAYMENT_AUDIT_TABLE } });
  const entries = shop.table('audit', (item) => auditEntrySchema.parse(item));
  const review = createReviewPayment({
    payments: shop.table('payments', (item) => paymentSchema.parse(item)),
    audit: createAuditTrail({ entries, clock: shop.clock }),
    outbox: shop.outbox,
    tenancy: shop.tenancy,
    logger: createSilentLogger('review-payment'),
  });
  if (payment !== undefined) await shop.given({ items: { payments: [{ ...payment }] } });
  return { shop, review: (command: unknown) => review(command, lambdaContext()) };
}

const release = { orderId: '1001', decision: 'release', by: 'ann' };

describe('review-payment', () => {
  it('writes the decision, its audit entry and its event together', async () => {
    const { shop, review } = await createRig(held);

    expect(await review(release)).toStrictEqual({ orderId: '1001', outcome: 'decided' });

    expect(shop.items('payments')).toMatchObject([{ status: 'released' }]);
    expect(shop.items('audit')).toMatchObject([{ what: 'released', by: 'ann', checkId: 'fra_1' }]);
    expect(shop.events(PaymentReviewed)).toMatchObject([{ data: { orderId: '1001', decision: 'release' } }]);
    // who decided is personal data, and events stay
    expect(JSON.stringify(shop.events())).not.toContain('ann');
  });

  it('answers the same decision again without writing again, and refuses another one', async () => {
    const { shop, review } = await createRig(held);
    await review(release);

    expect(await review({ ...release, by: 'bob' })).toMatchObject({ outcome: 'already-decided' });
    await expect(review({ ...release, decision: 'refuse' })).rejects.toMatchObject({
      code: 'REVIEW_PAYMENT_CONTRADICTED',
      message: "the payment of order '1001' is released already: that decision stands",
    });

    expect(shop.items('audit')).toHaveLength(1);
  });

  it('decides once if two persons decide at once', async () => {
    const { shop, review } = await createRig(held);

    const outcomes = await Promise.allSettled([review(release), review({ ...release, decision: 'refuse', by: 'bob' })]);

    expect(outcomes.map(({ status }) => status).toSorted()).toStrictEqual(['fulfilled', 'rejected']);
    expect(shop.items('audit')).toHaveLength(1);
    expect(shop.events(PaymentReviewed)).toHaveLength(1);
  });

  it.each([
    ['no payment', undefined, 'has no payment'],
    ['a payment that failed', { ...held, status: 'failed', reason: 'order-cancelled' }, 'has a payment that is failed'],
  ])('refuses an order with %s', async (_, payment, found) => {
    const { review } = await createRig(payment);

    await expect(review(release)).rejects.toMatchObject({
      code: 'REVIEW_PAYMENT_NOT_HELD',
      message: expect.stringContaining(found),
    });
  });

  it('refuses a decision without a person', async () => {
    const { review } = await createRig(held);

    await expect(review({ ...release, by: '' })).rejects.toMatchObject({ code: 'REVIEW_PAYMENT_INVALID' });
  });
});

import { describe, expect, it } from 'vitest';
import type { ChargeRequest, PaymentGateway } from '../../functions/payments/payment-gateway.ts';
import { expectEffects, keyOf, type LookUp } from './effects.ts';

export interface GatewayUnderTest {
  readonly gateway: PaymentGateway;
  /** Keys of the charges that moved money, in their order. */
  charged: LookUp;
  refunded: LookUp;
}

export const { signal } = new AbortController();

export const chargeOf = (minorUnits: number, more: Partial<ChargeRequest> = {}): ChargeRequest => ({
  orderId: '1001',
  amount: { currency: 'GBP', minorUnits },
  paymentMethod: { token: 'tok_visa', brand: 'visa', last4: '4242' },
  idempotencyKey: keyOf('payments'),
  ...more,
});

export function describePaymentGateway(adapter: string, create: () => GatewayUnderTest): void {
  const paid = async ({ gateway }: GatewayUnderTest, charge: ChargeRequest): Promise<string> => {
    const outcome = await gateway.charge(charge, signal);
    if (outcome.kind !== 'captured') throw new Error(`the charge was declined: ${outcome.reason}`);
    return outcome.paymentId;
  };

  describe(`PaymentGateway contract: ${adapter}`, () => {
    it('captures a charge below the limit', async () => {
      const { gateway, charged } = create();
      const charge = chargeOf(99_999);

      const outcome = await gateway.charge(charge, signal);

      expect(outcome).toEqual({ kind: 'captured', paymentId: expect.stringMatching(/./) });
      expectEffects(charged, [charge.idempotencyKey]);
    });

    it('declines a charge at or above the limit, and moves no money', async () => {
      const { gateway, charged } = create();

      const outcome = await gateway.charge(chargeOf(100_000), signal);

      expect(outcome).toEqual({ kind: 'declined', reason: 'limit-exceeded' });
      expectEffects(charged, []);
    });

    it.each([[450], [150_000]])(
      'answers a repeated charge of %i like the first, and moves no money',
      async (amount) => {
        const { gateway, charged } = create();
        const charge = chargeOf(amount);
        const first = await gateway.charge(charge, signal);
        const moved = charged?.();

        const second = await gateway.charge({ ...charge }, signal);

        expect(second).toEqual(first);
        expectEffects(charged, moved);
      },
    );

    it('makes two charges for one order under two keys', async () => {
      const under = create();

      const first = await paid(under, chargeOf(450));
      const second = await paid(under, chargeOf(450));

      expect(second).not.toBe(first);
    });

    it('rejects a key that was used with another amount', async () => {
      const { gateway, charged } = create();
      const charge = chargeOf(450);
      await gateway.charge(charge, signal);

      const again = gateway.charge({ ...charge, amount: { currency: 'GBP', minorUnits: 451 } }, signal);

      await expect(again).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
      expectEffects(charged, [charge.idempotencyKey]);
    });

    it('refunds a captured payment, once per key', async () => {
      const under = create();
      const amount = { currency: 'GBP', minorUnits: 450 };
      const paymentId = await paid(under, chargeOf(450));
      const refund = { paymentId, amount, idempotencyKey: `${paymentId}/refund` };

      const first = await under.gateway.refund(refund, signal);
      const second = await under.gateway.refund({ ...refund }, signal);

      expect(first.refundId).toMatch(/./);
      expect(second).toEqual(first);
      expectEffects(under.refunded, [`${paymentId}/refund`]);
    });

    it.each([
      ['more than was captured', { currency: 'GBP', minorUnits: 451 }],
      ['another currency than was captured', { currency: 'USD', minorUnits: 450 }],
    ])('rejects to give back %s', async (_what, amount) => {
      const under = create();
      const paymentId = await paid(under, chargeOf(450));

      const refund = under.gateway.refund({ paymentId, amount, idempotencyKey: `${paymentId}/refund` }, signal);

      await expect(refund).rejects.toMatchObject({ code: 'EXTERNAL_REQUEST_REJECTED' });
      expectEffects(under.refunded, []);
    });

    it('rejects a second refund of one payment under another key', async () => {
      const under = create();
      const paymentId = await paid(under, chargeOf(450));
      const amount = { currency: 'GBP', minorUnits: 450 };
      await under.gateway.refund({ paymentId, amount, idempotencyKey: `${paymentId}/refund` }, signal);

      const second = under.gateway.refund({ paymentId, amount, idempotencyKey: `${paymentId}/again` }, signal);

      await expect(second).rejects.toMatchObject({ code: 'EXTERNAL_REQUEST_REJECTED' });
      expectEffects(under.refunded, [`${paymentId}/refund`]);
    });

    it('accepts currencies without decimals', async () => {
      const { gateway } = create();

      const outcome = await gateway.charge(chargeOf(1_250, { amount: { currency: 'JPY', minorUnits: 1_250 } }), signal);

      expect(outcome.kind).toBe('captured');
    });

    it('starts no charge after the caller has aborted', async () => {
      const { gateway, charged } = create();

      const outcome = gateway.charge(chargeOf(450), AbortSignal.abort());

      await expect(outcome).rejects.toThrow(/./);
      expectEffects(charged, []);
    });
  });
}

import { describe, expect, it } from 'vitest';
import type { FraudCheck, FraudQuestion } from '../../functions/payments/fraud-check.ts';
import { keyOf } from './effects.ts';

export const { signal } = new AbortController();

export const questionOf = (minorUnits: number, more: Partial<FraudQuestion> = {}): FraudQuestion => ({
  orderId: '1001',
  customerId: 'customer-1',
  amount: { currency: 'GBP', minorUnits },
  paymentMethod: { token: 'tok_visa', brand: 'visa', last4: '4242' },
  destination: 'GB',
  idempotencyKey: keyOf('payments/fraud'),
  ...more,
});

/** @param create a check that has doubts about 500.00, and none about 10.00 */
export function describeFraudCheck(adapter: string, create: () => FraudCheck): void {
  describe(`FraudCheck contract: ${adapter}`, () => {
    it.each([
      [1_000, 'pass'],
      [50_000, 'review'],
    ])('judges an order of %i: %s', async (minorUnits, kind) => {
      expect(await create().assess(questionOf(minorUnits), signal)).toEqual({
        kind,
        checkId: expect.stringMatching(/./),
      });
    });

    it('answers a repeated question like the first', async () => {
      const check = create();
      const question = questionOf(1_000);
      const first = await check.assess(question, signal);

      expect(await check.assess({ ...question }, signal)).toEqual(first);
    });

    it('rejects a key that was used with another amount', async () => {
      const check = create();
      const question = questionOf(1_000);
      await check.assess(question, signal);

      const again = check.assess({ ...question, amount: { currency: 'GBP', minorUnits: 1_001 } }, signal);

      await expect(again).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    });

    it('asks nothing after the caller has aborted', async () => {
      await expect(create().assess(questionOf(1_000), AbortSignal.abort())).rejects.toThrow(/./);
    });
  });
}

import { describe, expect, it } from 'vitest';
import type { BookingRequest, Carrier } from '../../functions/shipping/carrier.ts';
import { expectEffects, keyOf, type LookUp } from './effects.ts';

export interface CarrierUnderTest {
  readonly carrier: Carrier;
  /** Keys of the parcels that go out, in their order. */
  booked: LookUp;
}

export const { signal } = new AbortController();

const ratesOf = { account: undefined, country: 'GB', pieces: 2 };

/** For the first service that the carrier offers. */
export async function bookingAt(carrier: Carrier, more: Partial<BookingRequest> = {}): Promise<BookingRequest> {
  const [rate] = await carrier.rates(ratesOf, signal);
  return bookingOf({ service: rate?.service ?? 'none is offered', ...more });
}

const bookingOf = (more: Partial<BookingRequest> & Pick<BookingRequest, 'service'>): BookingRequest => ({
  orderId: '1001',
  lines: [{ sku: 'TEA-GREEN-100G', quantity: 2 }],
  account: undefined,
  address: { recipient: 'Ada King', line1: '12 Tea Lane', city: 'Leeds', postalCode: 'LS1 4AP', country: 'GB' },
  idempotencyKey: keyOf('shipping'),
  ...more,
});

export function describeCarrier(adapter: string, create: () => CarrierUnderTest): void {
  describe(`Carrier contract: ${adapter}`, () => {
    it('tells what it takes, in pounds, and how long', async () => {
      const { carrier, booked } = create();

      const rates = await carrier.rates(ratesOf, signal);

      expect(rates.length).toBeGreaterThan(0);
      for (const { service, amount, days } of rates) {
        expect(service).toMatch(/./);
        expect(amount).toEqual({ currency: 'GBP', minorUnits: expect.any(Number) });
        expect(Number.isSafeInteger(amount.minorUnits) && amount.minorUnits >= 0).toBe(true);
        expect(Number.isSafeInteger(days) && days >= 0).toBe(true);
      }
      expectEffects(booked, []);
    });

    it('asks for no rates after the caller has aborted', async () => {
      const { carrier } = create();

      await expect(carrier.rates(ratesOf, AbortSignal.abort())).rejects.toThrow(/./);
    });

    it('books a parcel and returns a tracking number', async () => {
      const { carrier, booked } = create();
      const booking = await bookingAt(carrier);

      const outcome = await carrier.book(booking, signal);

      expect(outcome).toEqual({
        kind: 'booked',
        shipmentId: expect.stringMatching(/./),
        trackingNumber: expect.stringMatching(/./),
      });
      expectEffects(booked, [booking.idempotencyKey]);
    });

    it('answers a repeated booking like the first, and sends no second parcel', async () => {
      const { carrier, booked } = create();
      const booking = await bookingAt(carrier);
      const first = await carrier.book(booking, signal);

      const second = await carrier.book({ ...booking }, signal);

      expect(second).toEqual(first);
      expectEffects(booked, [booking.idempotencyKey]);
    });

    it('rejects a key that was used with other lines', async () => {
      const { carrier, booked } = create();
      const booking = await bookingAt(carrier);
      await carrier.book(booking, signal);

      const again = carrier.book({ ...booking, lines: [{ sku: 'TEA-GREEN-100G', quantity: 3 }] }, signal);

      await expect(again).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
      expectEffects(booked, [booking.idempotencyKey]);
    });

    it('starts no booking after the caller has aborted', async () => {
      const { carrier, booked } = create();

      const booking = await bookingAt(carrier);

      const outcome = carrier.book(booking, AbortSignal.abort());

      await expect(outcome).rejects.toThrow(/./);
      expectEffects(booked, []);
    });
  });
}

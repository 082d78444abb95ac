import { describe, expect, it } from 'vitest';
import type { BookingRequest, Carrier } from '../../functions/shipping/carrier.ts';
import { expectEffects, keyOf, type LookUp } from './effects.ts';

export interface CarrierUnderTest {
  readonly carrier: Carrier;
  /** Keys of the parcels that go out, in their order. */
  booked: LookUp;
}

export const { signal } = new AbortController();

export const bookingOf = (more: Partial<BookingRequest> = {}): BookingRequest => ({
  orderId: '1001',
  lines: [{ sku: 'TEA-GREEN-100G', quantity: 2 }],
  account: undefined,
  address: { recipient: 'Ada King', line1: '12 Tea Lane', city: 'Leeds', postalCode: 'LS1 4AP', country: 'GB' },
  idempotencyKey: keyOf('shipping'),
  ...more,
});

export function describeCarrier(adapter: string, create: () => CarrierUnderTest): void {
  describe(`Carrier contract: ${adapter}`, () => {
    it('books a parcel and returns a tracking number', async () => {
      const { carrier, booked } = create();
      const booking = bookingOf();

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
      const booking = bookingOf();
      const first = await carrier.book(booking, signal);

      const second = await carrier.book({ ...booking }, signal);

      expect(second).toEqual(first);
      expectEffects(booked, [booking.idempotencyKey]);
    });

    it('rejects a key that was used with other lines', async () => {
      const { carrier, booked } = create();
      const booking = bookingOf();
      await carrier.book(booking, signal);

      const again = carrier.book({ ...booking, lines: [{ sku: 'TEA-GREEN-100G', quantity: 3 }] }, signal);

      await expect(again).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
      expectEffects(booked, [booking.idempotencyKey]);
    });

    it('starts no booking after the caller has aborted', async () => {
      const { carrier, booked } = create();

      const outcome = carrier.book(bookingOf(), AbortSignal.abort());

      await expect(outcome).rejects.toThrow(/./);
      expectEffects(booked, []);
    });
  });
}

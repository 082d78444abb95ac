import { expect, it } from 'vitest';
import { createFakeCarrier } from '../../functions/shipping/fake-carrier.ts';
import { bookingAt, describeCarrier, signal } from './carrier.ts';

describeCarrier('fake', () => {
  const carrier = createFakeCarrier();
  return { carrier, booked: () => carrier.bookings.map(({ idempotencyKey }) => idempotencyKey) };
});

it('a fake carrier that is configured to refuse sends no parcel', async () => {
  const carrier = createFakeCarrier({ refuse: () => 'too-heavy' });

  const outcome = await carrier.book(await bookingAt(carrier), signal);

  expect(outcome).toEqual({ kind: 'refused', reason: 'too-heavy' });
  expect(carrier.bookings).toEqual([]);
});

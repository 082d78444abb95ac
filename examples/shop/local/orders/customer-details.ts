import { createHash } from 'node:crypto';
import type { OrderCommand } from './order-command.ts';

const PLACES = [
  { city: 'Leeds', postalCode: 'LS1 4AP', country: 'GB' },
  { city: 'Dublin', postalCode: 'D02 X285', country: 'IE' },
  { city: 'Hamburg', postalCode: '20095', country: 'DE' },
  { city: 'Lyon', postalCode: '69002', country: 'FR' },
] as const;

const BRANDS = ['visa', 'mastercard', 'amex'] as const;

/** Where a made-up customer lives, and how they pay: the same for the same customer. */
export function customerDetails(customerId: string): Required<Pick<OrderCommand, 'shippingAddress' | 'paymentMethod'>> {
  const digest = createHash('sha256').update(customerId).digest();
  const place = PLACES[digest.readUInt8(0) % PLACES.length] ?? PLACES[0];
  const brand = BRANDS[digest.readUInt8(1) % BRANDS.length] ?? BRANDS[0];
  const last4 = String(digest.readUInt16BE(2) % 10_000).padStart(4, '0');
  return {
    shippingAddress: {
      recipient: `Customer ${customerId}`.slice(0, 100),
      line1: `${digest.readUInt8(4) + 1} Tea Lane`,
      ...place,
    },
    paymentMethod: { token: `tok_${digest.toString('hex', 0, 10)}`, brand, last4 },
  };
}

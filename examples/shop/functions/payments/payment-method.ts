import * as z from '../zod.ts';
import { looksLikeCardNumber } from './card-number.ts';

const CARD_NUMBER =
  'must not be a card number, got text that looks like one: send the token that the payment gateway gave for the card';

const withoutCardNumber = () => z.refine<string>((text) => !looksLikeCardNumber(text), CARD_NUMBER);

/**
 * How a customer pays, as the payment gateway calls it. The token is of use only with the shop's own account at the
 * gateway, and the gateway can withdraw it: so events may carry it. A card number never gets in.
 */
export const paymentMethodSchema = z.strictObject({
  token: z
    .string()
    .check(
      z.regex(/^[\x21-\x7e]{1,255}$/, "must be 1 to 255 visible ASCII characters, such as 'tok_8sd7f6'"),
      withoutCardNumber(),
    ),
  /** Of the card, for people: `visa`. */
  brand: z.string().check(z.regex(/^[a-z][a-z0-9-]{1,19}$/, "must be a name in lower-case letters, such as 'visa'")),
  /** Of the card's number, for people. */
  last4: z.string().check(z.regex(/^\d{4}$/, 'must be the last four digits of the card')),
});

export type PaymentMethod = z.infer<typeof paymentMethodSchema>;

/** What people may see of it. */
export const shownMethodSchema = z.pick(paymentMethodSchema, { brand: true, last4: true });

export type ShownMethod = z.infer<typeof shownMethodSchema>;

export const shownMethod = ({ brand, last4 }: ShownMethod): ShownMethod => ({ brand, last4 });

import { moneySchema } from '../money.ts';
import * as z from '../zod.ts';

/** A credit note as its table holds it: what was paid for an order that was cancelled is refunded. */
export const creditNoteSchema = z.object({ paymentId: z.string(), orderId: z.string(), amount: moneySchema });

export type CreditNote = z.infer<typeof creditNoteSchema>;

/** What the link from an order to its payment tells beside. */
export const paymentLinkMetadataSchema = z.object({ amount: moneySchema, refunded: z.boolean() });

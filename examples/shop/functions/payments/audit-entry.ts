import { moneySchema } from '../money.ts';
import * as z from '../zod.ts';
import { shownMethodSchema } from './payment-method.ts';

/** What is done with money, and who decided. */
export const auditEntrySchema = z.object({
  orderId: z.string(),
  /** Tells the entries of an order apart, in the order of time. */
  entry: z.string(),
  what: z.enum(['charged', 'declined', 'refunded', 'held', 'released', 'refused', 'given-up', 'closed']),
  /** RFC 3339. */
  at: z.string(),
  amount: z.optional(moneySchema),
  paymentId: z.optional(z.string()),
  refundId: z.optional(z.string()),
  /** Of the fraud check. */
  checkId: z.optional(z.string()),
  paymentMethod: z.optional(shownMethodSchema),
  reason: z.optional(z.string()),
  /** The person who decided; undefined if the shop did. */
  by: z.optional(z.string()),
});

export type AuditEntry = z.infer<typeof auditEntrySchema>;

/** What stands in an entry, beside its key. */
export type AuditNote = Omit<AuditEntry, 'orderId' | 'entry' | 'at'>;

import type { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import { hasCode, WaybillError } from 'waybill';
import { ifUnchanged, type Outbox } from 'waybill/outbox';
import type { Tenancy, TenantTable } from 'waybill/tenancy';
import { readCommand } from '../command.ts';
import type { AuditTrail } from '../payments/audit-trail.ts';
import { PaymentReviewed } from '../payments/events.ts';
import { isUnderReview, type Payment } from '../payments/payment.ts';
import * as z from '../zod.ts';

export interface ReviewPaymentDeps {
  readonly payments: TenantTable<Payment>;
  readonly audit: AuditTrail;
  readonly outbox: Outbox;
  readonly tenancy: Pick<Tenancy, 'runAsTenant'>;
  readonly logger: Logger;
}

export interface ReviewPaymentResult {
  readonly orderId: string;
  /** `already-decided`: the same decision came before. */
  readonly outcome: 'decided' | 'already-decided';
}

/** There is nothing to decide. */
class PaymentNotHeldError extends WaybillError {
  readonly code = 'REVIEW_PAYMENT_NOT_HELD';

  constructor(orderId: string, status: string | undefined) {
    const found = status === undefined ? 'has no payment' : `has a payment that is ${status}`;
    super(`the payment of order '${orderId}' cannot be reviewed: the order ${found}, and only a held one waits for it`);
  }
}

/** Somebody has decided otherwise. */
class ReviewContradictedError extends WaybillError {
  readonly code = 'REVIEW_PAYMENT_CONTRADICTED';

  constructor(orderId: string, status: string) {
    super(`the payment of order '${orderId}' is ${status} already: that decision stands`);
  }
}

const commandSchema = z.object({
  orderId: z.string().check(z.minLength(1)),
  decision: z.enum(['release', 'refuse']),
  /** Who decides, as the audit trail is to name them. */
  by: z.string().check(z.minLength(1), z.maxLength(100)),
});

const STATUS_OF = { release: 'released', refuse: 'refused' } as const;

/** A person releases or refuses a payment that the fraud check held: the decision, its audit entry and its event in one transaction. */
export const createReviewPayment =
  ({ payments, audit, outbox, tenancy, logger }: ReviewPaymentDeps) =>
  async (command: unknown, context: Context): Promise<ReviewPaymentResult> => {
    logger.addContext(context);
    const { tenantId, content } = readCommand('review-payment', commandSchema, command);
    const { orderId, decision, by } = content;
    const status = STATUS_OF[decision];
    const decide = async (): Promise<ReviewPaymentResult['outcome']> => {
      // ends, since a payment only moves on
      for (;;) {
        const payment = await payments.get({ orderId });
        if (!isUnderReview(payment)) throw new PaymentNotHeldError(orderId, payment?.status);
        if (payment.status === status) return 'already-decided';
        if (payment.status !== 'held') throw new ReviewContradictedError(orderId, payment.status);
        try {
          await outbox.transact((tx) => {
            payments.within(tx).put({ Item: { ...payment, status }, ...ifUnchanged('status', payment.status) });
            audit.add(tx, orderId, { what: status, amount: payment.amount, checkId: payment.checkId, by });
            tx.publish(PaymentReviewed, { orderId, decision });
          });
          return 'decided';
        } catch (error) {
          if (!hasCode(error, 'OUTBOX_CONDITION_FAILED')) throw error;
        }
      }
    };
    const outcome = await tenancy.runAsTenant(tenantId, decide);
    logger.info(`review ${outcome}`, { order_id: orderId, tenant_id: tenantId, decision });
    return { orderId, outcome };
  };

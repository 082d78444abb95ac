import { type JsonClient, readAs } from 'waybill/resilience';
import { toDecimalAmount } from '../decimal-amount.ts';
import { readForeignError } from '../foreign-error.ts';
import * as z from '../zod.ts';
import type { FraudCheck, FraudVerdict } from './fraud-check.ts';

/** Ours by theirs. */
const VERDICTS = { ACCEPT: 'pass', REVIEW: 'review', REJECT: 'refuse' } as const satisfies Readonly<
  Record<string, FraudVerdict['kind']>
>;

const assessment = readAs(
  z.object({
    assessmentId: z.string().check(z.minLength(1)),
    recommendation: z.enum(Object.keys(VERDICTS) as [keyof typeof VERDICTS]),
  }),
  ({ assessmentId, recommendation }): FraudVerdict => ({ kind: VERDICTS[recommendation], checkId: assessmentId }),
);

/** The fraud check's HTTP API. Errors are those of the client. */
export const createHttpFraudCheck = (client: JsonClient): FraudCheck => ({
  assess: ({ orderId, customerId, amount, paymentMethod, destination, idempotencyKey }, signal) =>
    client.post(
      {
        path: '/assessments',
        body: {
          transactionRef: orderId,
          buyerRef: customerId,
          amt: toDecimalAmount(amount),
          ccy: amount.currency,
          instrument: paymentMethod?.token,
          shipTo: destination,
        },
        idempotencyKey,
        answers: { 200: assessment },
        readError: readForeignError,
      },
      signal,
    ),
});

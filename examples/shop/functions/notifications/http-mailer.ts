import { type JsonClient, type PolicyLimitOptions, readAs } from 'waybill/resilience';
import { readForeignError } from '../foreign-error.ts';
import * as z from '../zod.ts';
import type { Mailer } from './mailer.ts';

/** Nobody waits for a mail: the queue's own retries do, and half as many connections. */
export const MAILER_LIMITS: PolicyLimitOptions = { retry: { maxTries: 2 }, bulkhead: { maxConcurrent: 5 } };

/** `SUPPRESSED`: the customer wants no mail, so none is to be sent again either. */
const accepted = readAs(
  z.object({ messageId: z.string().check(z.minLength(1)), queueState: z.enum(['ACCEPTED', 'SUPPRESSED']) }),
  () => undefined,
);

/** The mail service's HTTP API. Errors are those of the client. */
export const createHttpMailer = (client: JsonClient): Mailer => ({
  send: ({ customerId, subject, text, idempotencyKey }, signal) =>
    client.post<undefined>(
      {
        path: '/messages',
        body: { recipientRef: customerId, subjectLine: subject, plainText: text },
        idempotencyKey,
        answers: { 202: accepted },
        readError: readForeignError,
      },
      signal,
    ),
});

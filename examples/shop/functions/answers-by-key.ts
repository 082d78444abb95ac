import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { IdempotencyKeyReusedError } from 'waybill/resilience';

/** What a fake system remembers: the first answer under each idempotency key. */
export interface AnswersByKey<Request, Answer> {
  /**
   * Answers a repeated request as before, without asking `first`.
   * @throws IdempotencyKeyReusedError `IDEMPOTENCY_KEY_REUSED` where the key came with another request
   */
  once(request: Request, first: () => Answer): Answer;
}

export function createAnswersByKey<Request extends { readonly idempotencyKey: string }, Answer>(
  system: string,
): AnswersByKey<Request, Answer> {
  const answered = new Map<string, { readonly request: Request; readonly answer: Answer }>();
  return {
    once(request, first) {
      const { idempotencyKey } = request;
      const before = answered.get(idempotencyKey);
      if (before === undefined) {
        const answer = first();
        answered.set(idempotencyKey, { request, answer });
        return answer;
      }
      if (!isDeepStrictEqual(before.request, request)) throw new IdempotencyKeyReusedError(system, idempotencyKey);
      return before.answer;
    },
  };
}

/** An id that follows from the key, so that containers which share no memory give the same one. */
export const idFromKey = (prefix: string, idempotencyKey: string): string =>
  `${prefix}-${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 20)}`;

import { isDeepStrictEqual } from 'node:util';
import {
  type ForeignQuestion,
  type ForeignReply,
  type ForeignRequest,
  type ForeignSystem,
  foreignError,
} from './foreign-system.ts';

/** A system that answers a repeated request as before, and does nothing for it. */
export interface IdempotentSystem {
  /** @param meanwhile what passes before the request is carried out; the same key is refused as long */
  answer(request: ForeignRequest, refusal: string | undefined, meanwhile: () => Promise<void>): Promise<Answered>;
  /** Answers a GET, each time anew. */
  look(question: ForeignQuestion): ForeignReply;
}

interface Answered {
  readonly reply: ForeignReply;
  /** It had been done before. */
  readonly isRepeated: boolean;
}

export function createIdempotentSystem(system: ForeignSystem): IdempotentSystem {
  const done = new Map<string, { readonly request: ForeignRequest; readonly reply: ForeignReply }>();
  const underWay = new Set<string>();
  const refuse = (status: number, code: string, text: string): Answered => ({
    reply: foreignError(status, code, text),
    isRepeated: false,
  });

  return {
    look: (question) => system.look?.(question) ?? foreignError(405, 'METHOD_NOT_ALLOWED', 'POST a JSON object'),

    async answer(request, refusal, meanwhile) {
      const { idempotencyKey } = request;
      if (idempotencyKey === '') return refuse(400, 'IDEMPOTENCY_KEY_MISSING', 'send an Idempotency-Key');
      if (underWay.has(idempotencyKey)) {
        return refuse(409, 'REQUEST_IN_PROGRESS', `'${idempotencyKey}' is under way`);
      }
      underWay.add(idempotencyKey);
      try {
        await meanwhile();
      } finally {
        underWay.delete(idempotencyKey);
      }
      const before = done.get(idempotencyKey);
      if (before !== undefined) {
        return isDeepStrictEqual(before.request, request)
          ? { reply: before.reply, isRepeated: true }
          : refuse(422, 'IDEMPOTENCY_KEY_REUSED', `'${idempotencyKey}' came with another request`);
      }
      const reply = system.perform(request, refusal);
      // a mistake in the request may be mended under the same key
      if (reply.status < 400 || reply.status === 402) done.set(idempotencyKey, { request, reply });
      return { reply, isRepeated: false };
    },
  };
}

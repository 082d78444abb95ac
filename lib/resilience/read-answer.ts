import type { StandardSchemaV1 } from '@standard-schema/spec';
import { violationsOf } from '../shared/schema-issues.ts';
import type { Mismatch } from './mismatch.ts';

/** Takes a foreign body to an outcome of ours, or says what is odd about it. */
export type AnswerReader<Answer> = (
  body: unknown,
) => Promise<{ readonly answer: Answer } | { readonly mismatches: readonly Mismatch[] }>;

/**
 * The border to a foreign model: what comes back is parsed by `schema`, and only what `toOurs` makes of it goes on.
 *
 * @example
 * const captured = readAs(z.object({ txnRef: z.string() }), ({ txnRef }) => ({ kind: 'captured', paymentId: txnRef }));
 */
export const readAs =
  <Foreign, Answer>(
    schema: StandardSchemaV1<unknown, Foreign>,
    toOurs: (foreign: Foreign) => Answer,
  ): AnswerReader<Answer> =>
  async (body) => {
    const result = await schema['~standard'].validate(body);
    return result.issues === undefined
      ? { answer: toOurs(result.value) }
      : { mismatches: violationsOf(result.issues, body) };
  };

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { violationsOf } from '../shared/schema-issues.ts';
import type { Mismatch } from './errors.ts';

/** Converts a response body to a result, or lists its mismatches. */
export type AnswerReader<Answer> = (
  body: unknown,
) => Promise<{ readonly answer: Answer } | { readonly mismatches: readonly Mismatch[] }>;

/** Readers of the body, by status. An empty body is read as undefined. Every other status is an error. */
export type AnswerReaders<Answer> = Readonly<Record<number, AnswerReader<Answer>>>;

/**
 * Creates a reader that validates the body with `schema` and converts it with `toOurs`: an anti-corruption layer.
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

import { isWaybillError } from '../definitions/index.ts';
import { memberOf, namesOf } from '../shared/thrown.ts';
import { isProblem, knownProblem, ProblemError, problem } from './problem.ts';

/** Seconds, for errors that say nothing of their own. */
const RETRY_AFTER_SECONDS = 5;

/**
 * The refusal that the caller reads for any thrown value. Messages of errors stay inside; only a ProblemError's detail is
 * told.
 * @param own the route's problems: an error with the code of one of them is that problem
 */
export function refusalOf(
  error: unknown,
  own: Readonly<Record<string, { readonly status: number; readonly title: string }>>,
): ProblemError {
  if (isProblem(error)) return error;
  const { code } = namesOf(error);
  const declared = Object.hasOwn(own, code) ? knownProblem(code, own) : undefined;
  if (declared !== undefined) return new ProblemError(code, declared, { cause: error });
  if (!isWaybillError(error)) return problem('INTERNAL_ERROR', { cause: error });
  if (code === 'TENANT_PAGE_INVALID') return problem('PAGE_TOKEN_INVALID', { cause: error });
  switch (error.disposition) {
    case 'lost-race':
      return problem('CONFLICT', { cause: error });
    case 'defer': {
      const seconds = memberOf(error, 'retryAfterSeconds');
      return problem('UNAVAILABLE', {
        cause: error,
        retryAfterSeconds: typeof seconds === 'number' ? seconds : RETRY_AFTER_SECONDS,
      });
    }
    default:
      return problem('INTERNAL_ERROR', { cause: error });
  }
}

import { createHash } from 'node:crypto';
import { addMs, type EpochMs } from '../../lib/shared/time.ts';
import type { EngineClock } from '../clock.ts';
import { AwsError } from '../endpoint/aws-error.ts';

/** Remembers the client request tokens of committed transactions for as long as AWS does. */
export interface RequestTokens {
  /**
   * Whether the same request was committed under this token.
   * @throws AwsError `IdempotentParameterMismatchException` when it was another request.
   */
  isRepeat(token: string, request: object): boolean;
  remember(token: string, request: object): void;
}

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html */
const TOKEN_LIFE_MS = 10 * 60 * 1000;

export function createRequestTokens(clock: EngineClock): RequestTokens {
  /** In the order of their age. */
  const known = new Map<string, { readonly digest: string; readonly expiresAt: EpochMs }>();

  const forgetOld = () => {
    for (const [token, { expiresAt }] of known) {
      if (expiresAt > clock.now()) return;
      known.delete(token);
    }
  };

  return {
    isRepeat(token, request) {
      forgetOld();
      const earlier = known.get(token);
      if (earlier === undefined) return false;
      if (earlier.digest === digestOf(request)) return true;
      throw new AwsError(
        'IdempotentParameterMismatchException',
        'The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical',
      );
    },
    remember(token, request) {
      known.set(token, { digest: digestOf(request), expiresAt: addMs(clock.now(), TOKEN_LIFE_MS) });
    },
  };
}

const digestOf = (request: object): string =>
  createHash('sha1').update(JSON.stringify(request, sortMembers)).digest('base64');

/** The order of members says nothing. */
function sortMembers(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

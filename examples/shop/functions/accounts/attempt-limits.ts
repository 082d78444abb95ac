import type { ClientLimit } from 'waybill';
import { type ClientLimiter, PROBLEMS, ProblemError } from 'waybill/http';
import type { KeyedHash } from './keyed-hash.ts';

/** Attempts that are counted apart. */
const LIMITS = {
  /** Of one account, known or not, from wherever. */
  'login of account': { requests: 10, seconds: 300 },
  /** From one address, whatever the accounts: a household or an office logs in from one. */
  'login from address': { requests: 100, seconds: 300 },
  'registration from address': { requests: 20, seconds: 3600 },
  /** Each sends a mail. */
  'registration of email': { requests: 5, seconds: 3600 },
  client: { requests: 60, seconds: 60 },
  /** Of somebody who has an access token, and tries for the account. */
  'password of account': { requests: 10, seconds: 300 },
} as const satisfies Readonly<Record<string, ClientLimit>>;

type CountedAttempt = keyof typeof LIMITS;

/** @throws ProblemError `RATE_LIMITED` with the seconds to wait */
export type AssertAllowed = (attempts: Partial<Readonly<Record<CountedAttempt, string>>>) => Promise<void>;

/**
 * Limits attempts to guess. Who they are of, or from, is stored as a keyed hash: it may be personal data, and there are few
 * enough addresses to try them all against a plain one.
 */
export const createAttemptLimits =
  (limiter: ClientLimiter, keyedHash: KeyedHash): AssertAllowed =>
  async (attempts) => {
    const counted = Object.entries(attempts) as readonly (readonly [CountedAttempt, string])[];
    const waits = await Promise.all(
      counted.map(async ([counter, who]) =>
        limiter.refusalOf(counter, await keyedHash.of(counter, who), LIMITS[counter]),
      ),
    );
    const retryAfterSeconds = Math.max(...waits.map((seconds) => seconds ?? 0));
    if (retryAfterSeconds > 0) throw new ProblemError('RATE_LIMITED', PROBLEMS.RATE_LIMITED, { retryAfterSeconds });
  };

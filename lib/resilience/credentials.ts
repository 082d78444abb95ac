import { createKeptSecrets, FORCED_AFTER_MS } from '../shared/kept-secrets.ts';
import type { SecretReader } from '../shared/secret-reader.ts';
import type { Clock, EpochMs } from '../shared/time.ts';
import { ExternalCredentialsError } from './errors.ts';

/** What a call proves its identity with. */
export interface Credentials {
  /**
   * For one attempt.
   * @throws ExternalCredentialsError `EXTERNAL_CREDENTIALS_UNREADABLE`
   */
  forAttempt(): Promise<AttemptCredentials>;
}

export interface AttemptCredentials {
  readonly headers: Readonly<Record<string, string>>;
  /** The system answered 401: the next attempt has those that are valid now. */
  refused(): void;
}

export interface SecretCredentialsOptions {
  readonly reader: SecretReader;
  readonly clock: Clock;
  /** Name or ARN of the secret: JSON such as `{"current":"…"}`, as of webhooks. `previous` is not used. */
  readonly secret: string;
  /** @default - `authorization: Bearer <current>` */
  readonly headersOf?: ((current: string) => Readonly<Record<string, string>>) | undefined;
}

/**
 * Credentials from a secret, which is kept for five minutes. After a 401 it is read anew, at most once in 30 seconds: a
 * rotated key takes effect with the next attempt, and a wrong one does not multiply the reads.
 */
export function createSecretCredentials(options: SecretCredentialsOptions): Credentials {
  const { reader, clock, secret, headersOf = (current) => ({ authorization: `Bearer ${current}` }) } = options;
  const kept = createKeptSecrets({
    reader,
    clock,
    unusable: (problem) => new ExternalCredentialsError(secret, problem),
  });
  let refusedReading: EpochMs | undefined;
  let forcedAt = Number.NEGATIVE_INFINITY;

  const read = async () => {
    const entry = await kept.current(secret);
    if (entry.readAt !== refusedReading || clock.now() - forcedAt < FORCED_AFTER_MS) return entry;
    forcedAt = clock.now();
    return kept.anew(secret);
  };

  return {
    async forAttempt() {
      const { texts, readAt } = await read().catch((error: unknown) => {
        if (error instanceof ExternalCredentialsError) throw error;
        throw new ExternalCredentialsError(secret, 'cannot be read', { cause: error });
      });
      const [current] = texts;
      if (current === undefined) throw new ExternalCredentialsError(secret, 'does not exist');
      return {
        headers: headersOf(current),
        refused() {
          refusedReading = readAt;
        },
      };
    },
  };
}

import { createSecretCache, type SecretCacheOptions } from './secret-cache.ts';
import type { EpochMs } from './time.ts';

/** A secret as it was read. */
export interface KeptSecret {
  /** The current and the previous value; empty if there is no such secret. */
  readonly texts: readonly string[];
  readonly readAt: EpochMs;
}

/** What was found with a secret. */
export type Verdict = 'match' | 'mismatch' | 'no-secret';

/** Secrets that others know as well, by name: each has a current and a previous value, and is kept for five minutes. */
export interface KeptSecrets {
  current(name: string): Promise<KeptSecret>;
  /** Reads it, however old it is. Calls at the same time share one reading. */
  anew(name: string): Promise<KeptSecret>;
  /**
   * Tries the current and the previous value. If they do not match, the secret is read anew and tried again, unless it was
   * read within the last 30 seconds: a rotation takes effect at once, and forged requests do not multiply the reads.
   */
  verify(name: string, matches: (texts: readonly string[]) => boolean): Promise<Verdict>;
}

export interface KeptSecretsOptions extends Pick<SecretCacheOptions<unknown>, 'reader' | 'clock'> {
  /** The error for a stored value that cannot be used. @param problem continues the secret's name, without its value */
  readonly unusable: (problem: string) => Error;
}

/** A rotated secret is read anew no more often, however often the old one is refused. */
export const FORCED_AFTER_MS = 30_000;

export function createKeptSecrets({ reader, clock, unusable }: KeptSecretsOptions): KeptSecrets {
  const cache = createSecretCache<readonly string[]>({
    reader,
    clock,
    parse: (text) => (text === undefined ? [] : parseSecret(text, unusable)),
  });
  const current = async (name: string): Promise<KeptSecret> => {
    const { value: texts, readAt } = await cache.current(name);
    return { texts, readAt };
  };
  const anew = async (name: string): Promise<KeptSecret> => {
    const { value: texts, readAt } = await cache.anew(name);
    return { texts, readAt };
  };

  return {
    current,
    anew,
    async verify(name, matches) {
      const verdictOf = ({ texts }: KeptSecret): Verdict =>
        texts.length === 0 ? 'no-secret' : matches(texts) ? 'match' : 'mismatch';
      const entry = await current(name);
      const verdict = verdictOf(entry);
      const isFresh = clock.now() - entry.readAt < FORCED_AFTER_MS;
      return verdict === 'match' || isFresh ? verdict : verdictOf(await anew(name));
    },
  };
}

function parseSecret(text: string, unusable: KeptSecretsOptions['unusable']): readonly string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unusable('is no JSON');
  }
  if (typeof value !== 'object' || value === null) throw unusable('is no JSON object');
  const { current, previous = '' } = value as { readonly current?: unknown; readonly previous?: unknown };
  if (typeof current !== 'string' || current === '') throw unusable("has no text 'current'");
  if (typeof previous !== 'string' && previous !== null) throw unusable("has a 'previous' that is no text");
  return previous === null || previous === '' ? [current] : [current, previous];
}

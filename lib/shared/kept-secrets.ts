import type { SecretReader } from './secret-reader.ts';
import type { Clock, EpochMs } from './time.ts';

/** A secret as it was read. */
export interface KeptSecret {
  /** The current and the previous value; empty if there is no such secret. */
  readonly texts: readonly string[];
  readonly readAt: EpochMs;
}

/** Secrets by name, each kept for five minutes. */
export interface KeptSecrets {
  current(name: string): Promise<KeptSecret>;
  /** Reads it, however old it is. Calls at the same time share one reading. */
  anew(name: string): Promise<KeptSecret>;
}

export interface KeptSecretsOptions {
  readonly reader: SecretReader;
  readonly clock: Clock;
  /** The error for a stored value that cannot be used. @param problem continues the secret's name, without its value */
  readonly unusable: (problem: string) => Error;
}

const MAX_AGE_MS = 5 * 60_000;

/** More would be made-up names. */
const MOST_KEPT = 1_000;

/** A rotated secret is read anew no more often, however often the old one is refused. */
export const FORCED_AFTER_MS = 30_000;

export function createKeptSecrets({ reader, clock, unusable }: KeptSecretsOptions): KeptSecrets {
  const kept = new Map<string, KeptSecret>();
  const underWay = new Map<string, Promise<KeptSecret>>();

  const read = async (name: string): Promise<KeptSecret> => {
    const readAt = clock.now();
    const text = await reader.read(name);
    const entry = { texts: text === undefined ? [] : parseSecret(text, unusable), readAt };
    kept.delete(name);
    kept.set(name, entry);
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return entry;
  };

  const anew = (name: string): Promise<KeptSecret> => {
    const reading = underWay.get(name) ?? read(name).finally(() => underWay.delete(name));
    underWay.set(name, reading);
    return reading;
  };

  return {
    anew,
    async current(name) {
      const entry = kept.get(name);
      return entry === undefined || clock.now() - entry.readAt >= MAX_AGE_MS ? anew(name) : entry;
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

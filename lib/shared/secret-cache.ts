import type { SecretReader } from './secret-reader.ts';
import type { Clock, EpochMs } from './time.ts';

/** What was read of a secret. */
export interface CachedSecret<Value> {
  readonly value: Value;
  readonly readAt: EpochMs;
}

/** Secrets by name, each kept for five minutes. */
export interface SecretCache<Value> {
  current(name: string): Promise<CachedSecret<Value>>;
  /** Reads it, however old it is. Calls at the same time share one reading. */
  anew(name: string): Promise<CachedSecret<Value>>;
}

export interface SecretCacheOptions<Value> {
  readonly reader: SecretReader;
  readonly clock: Clock;
  /** What a secret's text means; undefined for one that does not exist. What it throws is thrown, and nothing is kept. */
  readonly parse: (text: string | undefined) => Value;
}

const MAX_AGE_MS = 5 * 60_000;

/** More would be made-up names. */
const MOST_KEPT = 1_000;

export function createSecretCache<Value>({ reader, clock, parse }: SecretCacheOptions<Value>): SecretCache<Value> {
  const kept = new Map<string, CachedSecret<Value>>();
  const underWay = new Map<string, Promise<CachedSecret<Value>>>();

  const read = async (name: string): Promise<CachedSecret<Value>> => {
    const readAt = clock.now();
    const entry = { value: parse(await reader.read(name)), readAt };
    kept.delete(name);
    kept.set(name, entry);
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return entry;
  };

  const anew = (name: string): Promise<CachedSecret<Value>> => {
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

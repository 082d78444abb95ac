import { WaybillError } from 'waybill';
import { type Clock, createSecretCache, type SecretReader } from 'waybill/runtime';
import {
  firstRing,
  isNextDue,
  type KeyRing,
  keyRingSchema,
  PUBLISHED_AHEAD_SECONDS,
  type SigningKey,
  withNext,
} from './key-ring.ts';

/** Where the key ring is kept. */
export interface KeyRingSecret extends SecretReader {
  /**
   * MUST be atomic: of several writes of one generation the first one stands.
   */
  write(name: string, text: string, generation: number): Promise<void>;
}

export interface KeyRingStoreOptions {
  readonly secret: KeyRingSecret;
  readonly secretName: string;
  readonly clock: Clock;
  readonly newKey: (signsFrom: number) => Promise<SigningKey>;
  /** How long a key signs before the next one does. */
  readonly signingKeyDays: number;
}

export interface KeyRingStore {
  /** The keys of now. Makes the first one if there is none, and the next one when it is due. */
  current(): Promise<KeyRing>;
  /** Publishes another key. @param signsAfterSeconds how long it is published before it signs */
  rotate(signsAfterSeconds: number): Promise<KeyRing>;
}

/** The secret with the keys cannot be read. Tokens cannot be issued until it is corrected. */
class SigningKeysError extends WaybillError {
  readonly code = 'ACCOUNTS_SIGNING_KEYS_UNUSABLE';

  constructor(problem: string) {
    super(
      `the secret of the signing keys ${problem}: restore its previous version, or, if that is lost, delete its value: a new key is made then, and all access tokens end`,
    );
  }
}

/** Keeps the key ring in a secret: read at most every five minutes, written by whoever finds that a key is due. */
export function createKeyRingStore(options: KeyRingStoreOptions): KeyRingStore {
  const { secret, secretName, clock, newKey, signingKeyDays } = options;
  const cache = createSecretCache({ reader: secret, clock, parse: parseRing });

  /** @returns what stands now, whoever wrote it */
  const write = async (ring: KeyRing): Promise<KeyRing> => {
    await secret.write(secretName, JSON.stringify(ring), ring.generation);
    const { value } = await cache.anew(secretName);
    if (value === undefined) throw new SigningKeysError('was taken away while a key was made');
    return value;
  };

  const ringOf = async (known: KeyRing | undefined): Promise<KeyRing> =>
    known ?? write(firstRing(await newKey(clock.now())));

  const next = async (ring: KeyRing, signsAfterSeconds: number): Promise<KeyRing> => {
    const now = clock.now();
    return write(withNext(ring, await newKey(now + signsAfterSeconds * 1000), now));
  };

  return {
    async current() {
      const ring = await ringOf((await cache.current(secretName)).value);
      return isNextDue(ring, clock.now(), signingKeyDays) ? next(ring, PUBLISHED_AHEAD_SECONDS) : ring;
    },
    async rotate(signsAfterSeconds) {
      // another process may have rotated since
      return next(await ringOf((await cache.anew(secretName)).value), signsAfterSeconds);
    },
  };
}

function parseRing(text: string | undefined): KeyRing | undefined {
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new SigningKeysError('has no JSON');
  }
  const ring = keyRingSchema.safeParse(value);
  if (!ring.success) throw new SigningKeysError('has no key ring');
  return ring.data;
}

import * as z from '../../zod.ts';

const signingKeySchema = z.object({
  kid: z.string().check(z.minLength(1)),
  /** PKCS #8, PEM. */
  privateKey: z.string(),
  /** Milliseconds since 1970. */
  signsFrom: z.number(),
});

/** A key that signs access tokens from an instant until the next one does. */
export type SigningKey = z.infer<typeof signingKeySchema>;

/** The keys of the issuer, as their secret holds them. */
export const keyRingSchema = z.object({
  /** Counts the changes: of two at once one wins. */
  generation: z.int(),
  /** In the order in which they sign. */
  keys: z.array(signingKeySchema).check(z.minLength(1)),
});

export type KeyRing = z.infer<typeof keyRingSchema>;

/** Of access tokens; a setting may make it shorter. */
const LONGEST_TOKEN_SECONDS = 3600;

/** Clocks of two machines differ by less. */
const CLOCK_SKEW_MS = 5 * 60_000;

/**
 * How long the next key is published before it signs. Verifiers keep the keys: API Gateway for two hours.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
export const PUBLISHED_AHEAD_SECONDS = 24 * 3600;

export const firstRing = (key: SigningKey): KeyRing => ({ generation: 1, keys: [key] });

/** The key that signs at an instant. */
export function signerOf({ keys }: KeyRing, now: number): SigningKey {
  const signer = keys.findLast(({ signsFrom }) => signsFrom <= now) ?? keys[0];
  if (signer === undefined) throw new TypeError('a key ring has a key');
  return signer;
}

/** The keys that verify tokens at an instant: those that will sign, that sign, and that have signed what is still valid. */
export const publishedKeys = ({ keys }: KeyRing, now: number): readonly SigningKey[] =>
  keys.filter((_, index) => {
    const { [index + 1]: next } = keys;
    return next === undefined || now <= next.signsFrom + LONGEST_TOKEN_SECONDS * 1000 + CLOCK_SKEW_MS;
  });

/** Whether the next key is due: no key waits to sign, and the one that signs has done so for long enough. */
export const isNextDue = (ring: KeyRing, now: number, signingKeyDays: number): boolean =>
  hasNext(ring, now) ? false : signerOf(ring, now).signsFrom + signingKeyDays * 24 * 3_600_000 <= now;

const hasNext = ({ keys }: KeyRing, now: number): boolean => keys.some(({ signsFrom }) => signsFrom > now);

/** Adds the next key, and drops those that nobody needs any more. A key that was to sign later gives way. */
export const withNext = (ring: KeyRing, next: SigningKey, now: number): KeyRing => ({
  generation: ring.generation + 1,
  keys: [...publishedKeys(ring, now).filter(({ signsFrom }) => signsFrom <= now || signsFrom < next.signsFrom), next],
});

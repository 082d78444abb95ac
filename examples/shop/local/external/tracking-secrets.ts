import { randomBytes } from 'node:crypto';
import type { EngineClock } from '../../../../local/clock.ts';

/** Writes the secret of an account where the webhook's function reads it. */
export type PutSecret = (account: string | undefined, secret: TrackingSecret) => Promise<void>;

export interface TrackingSecret {
  readonly current: string;
  readonly previous: string;
}

/** The secrets that a carrier signs with, one for each account. */
export interface TrackingSecrets {
  /** Of an account. During a rotation two: who still has the old one must be able to verify. */
  of(account: string | undefined): readonly string[];
  /** @returns whether it did: a rotation must be over before the next begins */
  rotate(account: string | undefined): Promise<boolean>;
  /** One that was retired before the first message. */
  retired(account: string | undefined): string;
}

/** A function forces a reading of its secret once in 30 seconds. */
const ROTATION_MS = 45_000;

export const newSecret = (): string => `whsec_${randomBytes(24).toString('base64')}`;

interface Held {
  readonly secrets: readonly string[];
  readonly retired: string;
  readonly rotatedAt: number;
}

export async function createTrackingSecrets(
  accounts: readonly (string | undefined)[],
  put: PutSecret,
  clock: Pick<EngineClock, 'now'>,
): Promise<TrackingSecrets> {
  const held = new Map<string | undefined, Held>();
  for (const account of accounts) {
    const retired = newSecret();
    await put(account, { current: retired, previous: '' });
    const current = newSecret();
    await put(account, { current, previous: '' });
    held.set(account, { secrets: [current], retired, rotatedAt: clock.now() });
  }
  return {
    of: (account) => held.get(account)?.secrets ?? [],
    async rotate(account) {
      const before = held.get(account);
      const now = clock.now();
      if (before === undefined || now - before.rotatedAt < ROTATION_MS) return false;
      const [previous = ''] = before.secrets;
      const current = newSecret();
      held.set(account, { ...before, secrets: [current, previous], rotatedAt: now });
      await put(account, { current, previous });
      return true;
    },
    retired: (account) => held.get(account)?.retired ?? newSecret(),
  };
}

import type { Clock, EpochMs } from '../shared/time.ts';
import { WebhookSecretError } from './errors.ts';
import type { SecretReader } from './ports.ts';

/** What was found with a tenant's secrets. */
export type Verdict = 'match' | 'mismatch' | 'no-secret';

export interface WebhookSecrets {
  /**
   * Tries the current and the previous secret. If they do not match, the secret is read anew and tried again, unless it was
   * read within the last 30 seconds: a rotation takes effect at once, and forged requests do not multiply the reads.
   * @param tenantId undefined for a webhook without tenants
   * @throws WebhookSecretError `WEBHOOK_SECRET_UNUSABLE`
   */
  verify(tenantId: string | undefined, matches: (secrets: readonly string[]) => boolean): Promise<Verdict>;
  /** Reads the secret before the first request. Never rejects: the request reads it again. */
  warm(): Promise<void>;
}

export interface WebhookSecretsOptions {
  readonly reader: SecretReader;
  readonly clock: Clock;
  /** The secret's name or ARN; with tenants, the part of the name before the tenant. */
  readonly secret: string;
}

const MAX_AGE_MS = 5 * 60_000;
const FORCED_AFTER_MS = 30_000;

/** More would be made-up tenants. */
const MOST_KEPT = 1_000;

/** `texts` is empty if there is no secret. */
interface Kept {
  readonly texts: readonly string[];
  readonly readAt: EpochMs;
}

/** The secrets of a webhook's tenants, each kept for five minutes. */
export function createWebhookSecrets({ reader, clock, secret }: WebhookSecretsOptions): WebhookSecrets {
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<Kept>>();

  const readAnew = async (name: string): Promise<Kept> => {
    const readAt = clock.now();
    const text = await reader.read(name);
    const entry = { texts: text === undefined ? [] : parseSecret(text), readAt };
    kept.delete(name);
    kept.set(name, entry);
    const [oldest] = kept.keys();
    if (kept.size > MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    return entry;
  };

  /** Requests at the same time share one reading. */
  const read = (name: string): Promise<Kept> => {
    const reading = underWay.get(name) ?? readAnew(name).finally(() => underWay.delete(name));
    underWay.set(name, reading);
    return reading;
  };

  const ageOf = ({ readAt }: Kept): number => clock.now() - readAt;

  const current = async (name: string): Promise<Kept> => {
    const entry = kept.get(name);
    return entry === undefined || ageOf(entry) >= MAX_AGE_MS ? read(name) : entry;
  };

  return {
    async verify(tenantId, matches) {
      const name = tenantId === undefined ? secret : `${secret}${tenantId}`;
      const verdictOf = ({ texts }: Kept): Verdict =>
        texts.length === 0 ? 'no-secret' : matches(texts) ? 'match' : 'mismatch';
      const entry = await current(name);
      const verdict = verdictOf(entry);
      return verdict === 'match' || ageOf(entry) < FORCED_AFTER_MS ? verdict : verdictOf(await read(name));
    },
    async warm() {
      await read(secret).catch(() => undefined);
    },
  };
}

/** The current and the previous secret. */
function parseSecret(text: string): readonly string[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new WebhookSecretError('is no JSON');
  }
  if (typeof value !== 'object' || value === null) throw new WebhookSecretError('is no JSON object');
  const { current, previous = '' } = value as { readonly current?: unknown; readonly previous?: unknown };
  if (typeof current !== 'string' || current === '') throw new WebhookSecretError("has no text 'current'");
  if (typeof previous !== 'string' && previous !== null)
    throw new WebhookSecretError("has a 'previous' that is no text");
  return previous === null || previous === '' ? [current] : [current, previous];
}

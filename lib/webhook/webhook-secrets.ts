import { createKeptSecrets, FORCED_AFTER_MS, type KeptSecret } from '../shared/kept-secrets.ts';
import type { SecretReader } from '../shared/secret-reader.ts';
import type { Clock } from '../shared/time.ts';
import { WebhookSecretError } from './errors.ts';

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

/** The secrets of a webhook's tenants, each kept for five minutes. */
export function createWebhookSecrets({ reader, clock, secret }: WebhookSecretsOptions): WebhookSecrets {
  const kept = createKeptSecrets({ reader, clock, unusable: (problem) => new WebhookSecretError(problem) });

  return {
    async verify(tenantId, matches) {
      const name = tenantId === undefined ? secret : `${secret}${tenantId}`;
      const verdictOf = ({ texts }: KeptSecret): Verdict =>
        texts.length === 0 ? 'no-secret' : matches(texts) ? 'match' : 'mismatch';
      const entry = await kept.current(name);
      const verdict = verdictOf(entry);
      const isFresh = clock.now() - entry.readAt < FORCED_AFTER_MS;
      return verdict === 'match' || isFresh ? verdict : verdictOf(await kept.anew(name));
    },
    async warm() {
      await kept.anew(secret).catch(() => undefined);
    },
  };
}

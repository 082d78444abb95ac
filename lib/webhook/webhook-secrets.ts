import { createKeptSecrets, type Verdict } from '../shared/kept-secrets.ts';
import type { SecretReader } from '../shared/secret-reader.ts';
import type { Clock } from '../shared/time.ts';
import { WebhookSecretError } from './errors.ts';

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
    verify: (tenantId, matches) => kept.verify(tenantId === undefined ? secret : `${secret}${tenantId}`, matches),
    async warm() {
      await kept.anew(secret).catch(() => undefined);
    },
  };
}

import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { LocalRun } from '../../../../local/run.ts';
import type { PutSecret } from '../external/tracking-secrets.ts';
import type { TenantIds } from '../orders/shop-command.ts';

export interface WebhookTargetOptions {
  /** Of the webhook, as `defineWebhook` has it. */
  readonly name: string;
  /** With `{tenant}` where there are tenants. */
  readonly url: string;
  /** Undefined where each tenant has a secret of its own. */
  readonly secretArn: string | undefined;
  readonly tenantIds: TenantIds;
  readonly environment: string;
}

/** Where a webhook of the shop is, and how both get the secrets that its sender signs with. */
export interface WebhookTarget {
  readonly accounts: TenantIds;
  readonly urlOf: (account: string | undefined) => string;
  readonly putSecret: PutSecret;
}

export function webhookTarget(
  { endpointUrl, region }: Pick<LocalRun, 'endpointUrl' | 'region'>,
  { name: webhook, url, secretArn, tenantIds, environment }: WebhookTargetOptions,
): WebhookTarget {
  const client = new SecretsManagerClient({
    endpoint: endpointUrl,
    region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  /** Tenants' secrets are not the stack's. */
  const created = new Set<string>();
  return {
    accounts: tenantIds,
    urlOf: (account) => url.replace('{tenant}', encodeURIComponent(account ?? '')),
    async putSecret(account, secret) {
      const SecretString = JSON.stringify(secret);
      const name = secretArn ?? `waybill/${environment}/webhooks/${webhook}/${account}`;
      if (secretArn === undefined && !created.has(name)) {
        await client.send(new CreateSecretCommand({ Name: name, SecretString }));
        created.add(name);
      } else await client.send(new PutSecretValueCommand({ SecretId: name, SecretString }));
    },
  };
}

import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { LocalRun } from '../../../../local/run.ts';
import type { TrackingSender } from '../external/tracking-sender.ts';
import type { Shop } from '../orders/shop.ts';
import type { TenantIds } from '../orders/shop-command.ts';

export interface ConnectTrackingOptions {
  readonly shop: Pick<Shop, 'carrierTrackingUrl' | 'carrierTrackingSecretArn'>;
  readonly tenantIds: TenantIds;
  readonly environment: string;
}

/** Tells the carrier where the shop's webhook is, and gives both the secrets that the carrier signs with. */
export async function connectTracking(
  tracking: Pick<TrackingSender, 'connect'>,
  { endpointUrl, region }: Pick<LocalRun, 'endpointUrl' | 'region'>,
  { shop, tenantIds, environment }: ConnectTrackingOptions,
): Promise<void> {
  const { carrierTrackingUrl, carrierTrackingSecretArn } = shop;
  const client = new SecretsManagerClient({
    endpoint: endpointUrl,
    region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  /** Tenants' secrets are not the stack's. */
  const created = new Set<string>();
  await tracking.connect({
    accounts: tenantIds,
    urlOf: (account) => carrierTrackingUrl.replace('{tenant}', encodeURIComponent(account ?? '')),
    async putSecret(account, secret) {
      const SecretString = JSON.stringify(secret);
      const name = carrierTrackingSecretArn ?? `waybill/${environment}/webhooks/carrier-tracking/${account}`;
      if (carrierTrackingSecretArn === undefined && !created.has(name)) {
        await client.send(new CreateSecretCommand({ Name: name, SecretString }));
        created.add(name);
      } else await client.send(new PutSecretValueCommand({ SecretId: name, SecretString }));
    },
  });
}

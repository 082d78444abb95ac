import { PutSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { createSecretsReader } from 'waybill/runtime';
import type { KeyRingSecret } from './key-ring-store.ts';

/**
 * The key ring in Secrets Manager. The generation is the version's id: a second value under the same id is refused, so that
 * of two writers the first one wins.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
 */
export const createSecretsManagerKeyRing = (client: SecretsManagerClient): KeyRingSecret => ({
  ...createSecretsReader(),
  async write(name, text, generation) {
    try {
      await client.send(
        new PutSecretValueCommand({
          SecretId: name,
          SecretString: text,
          ClientRequestToken: `signing-keys-generation-${String(generation).padStart(16, '0')}`,
        }),
      );
    } catch (error) {
      if (!(error instanceof Error && error.name === 'ResourceExistsException')) throw error;
    }
  },
});

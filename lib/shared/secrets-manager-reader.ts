import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretReader } from './secret-reader.ts';
import { namesOf } from './thrown.ts';

/** There is no such secret, or it is marked for deletion. */
const ABSENT = new Set(['ResourceNotFoundException', 'InvalidRequestException']);

/**
 * Reads secrets of Secrets Manager. Not by Powertools' Parameters: its cache ends by its own clock, and whoever forces a
 * reading does not learn how old the cached value was.
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export const createSecretsManagerReader = (client: SecretsManagerClient): SecretReader => ({
  async read(name) {
    try {
      const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
      return SecretString;
    } catch (error) {
      if (ABSENT.has(namesOf(error).name)) return undefined;
      throw error;
    }
  },
});

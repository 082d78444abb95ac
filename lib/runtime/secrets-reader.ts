import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SecretReader } from '../shared/secret-reader.ts';
import { createSecretsManagerReader } from '../shared/secrets-manager-reader.ts';

/** Two attempts of at most two seconds each: a sender or a handler waits meanwhile, and Slack waits three seconds in all. */
const CLIENT = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true },
};

/** Reads secrets of Secrets Manager: those of webhooks, and credentials. */
export const createSecretsReader = (): SecretReader => createSecretsManagerReader(new SecretsManagerClient(CLIENT));

import { type Credentials, createSecretCredentials, type SecretCredentialsOptions } from '../resilience/index.ts';
import { systemClock } from '../shared/time.ts';
import { createSecretsReader } from './secrets-reader.ts';

/**
 * Credentials for `createExternalClient`, from a secret of Secrets Manager. Create them once per container.
 *
 * @example
 * const { GATEWAY_SECRET_ARN } = requireEnv(process.env, 'GATEWAY_SECRET_ARN');
 * const credentials = secretCredentials(GATEWAY_SECRET_ARN);
 * const client = createExternalClient({ name: 'gateway', baseUrl, credentials }, runtime);
 *
 * @param secret name or ARN; its value is JSON such as `{"current":"…"}`
 * @param headersOf of a call. @default - `authorization: Bearer <current>`
 */
export const secretCredentials = (secret: string, headersOf?: SecretCredentialsOptions['headersOf']): Credentials =>
  createSecretCredentials({ reader: createSecretsReader(), clock: systemClock, secret, headersOf });

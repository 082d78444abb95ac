import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { ENV } from '../definitions/index.ts';
import { requireEnv } from '../shared/require-env.ts';
import { systemClock } from '../shared/time.ts';
import {
  createWebhookReceiver,
  createWebhookSecrets,
  WEBHOOK_DELIVERIES_TABLE_NAME,
  WEBHOOK_SECRET,
  type WebhookDefinition,
} from '../webhook/index.ts';
import { createProducerRuntime } from './producer-runtime.ts';
import { createSecretsReader } from './secrets-reader.ts';

/**
 * Creates the Lambda handler of a webhook. Clients and adapters are built once per container, from the variables that the
 * WebhookEndpoint construct sets; the secret of a webhook without tenants is read before the first request.
 *
 * @example
 * export const handler = webhook(carrier);
 *
 * @throws MissingEnvironmentError `ENVIRONMENT_INCOMPLETE` if the function does not belong to a WebhookEndpoint
 */
export function webhook(
  definition: WebhookDefinition,
): (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyStructuredResultV2> {
  const env = requireEnv(process.env, WEBHOOK_DELIVERIES_TABLE_NAME, WEBHOOK_SECRET);
  const { outbox, logger, metrics } = createProducerRuntime(process.env);
  const secrets = createWebhookSecrets({
    reader: createSecretsReader(),
    clock: systemClock,
    secret: env[WEBHOOK_SECRET],
  });
  const receive = createWebhookReceiver({
    webhook: definition,
    secrets,
    outbox,
    clock: systemClock,
    tableName: env[WEBHOOK_DELIVERIES_TABLE_NAME],
    logger,
    metrics,
  });
  const isLoadedAtSynth = process.env[ENV.loadedAtSynth] === 'true';
  if (!definition.hasTenants && !isLoadedAtSynth) void secrets.warm();

  return async (event, context) => {
    logger.addContext(context);
    try {
      return await receive(event);
    } finally {
      metrics.publishStoredMetrics();
    }
  };
}

import { hmacScheme, textAt } from './hmac-scheme.ts';
import type { WebhookScheme } from './scheme.ts';

/**
 * GitHub's webhooks, with content type `application/json`. Id and type are headers, which are not signed: the digest of the
 * body also identifies a delivery. GitHub waits 10 seconds and does not try again: redeliver failed ones by its API.
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export const github = (): WebhookScheme =>
  hmacScheme(
    {
      signatureHeader: 'x-hub-signature-256',
      prefix: 'sha256=',
      id: { header: 'x-github-delivery' },
      type: { header: 'x-github-event' },
    },
    { name: 'github' },
  );

/**
 * Shopify's webhooks. The secret is the app's client secret. Id and type are headers, which are not signed: the digest of
 * the body also identifies a delivery. Shopify waits 5 seconds, and unsubscribes after 8 failed attempts in 4 hours.
 * @see https://shopify.dev/docs/apps/build/webhooks/subscribe/https
 */
export const shopify = (): WebhookScheme =>
  hmacScheme(
    {
      signatureHeader: 'x-shopify-hmac-sha256',
      encoding: 'base64',
      id: { header: 'x-shopify-webhook-id' },
      type: { header: 'x-shopify-topic' },
    },
    { name: 'shopify' },
  );

/**
 * Slack's Events API. The secret is the app's signing secret. A type is the inner event's, such as `app_mention`. The URL's
 * verification is answered once its signature is verified. Interactivity and slash commands are forms and are refused.
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export const slack = (): WebhookScheme =>
  hmacScheme(
    {
      signatureHeader: 'x-slack-signature',
      prefix: 'v0=',
      signed: 'v0:{timestamp}:{body}',
      timestampHeader: 'x-slack-request-timestamp',
      id: { member: 'event_id' },
    },
    {
      name: 'slack',
      typeOf: (_, body) => textAt(body, textAt(body, 'type') === 'event_callback' ? 'event.type' : 'type'),
      challengeOf: (body) => (textAt(body, 'type') === 'url_verification' ? textAt(body, 'challenge') : undefined),
    },
  );

import type { Logger } from '@aws-lambda-powertools/logger';
import type { Metrics } from '@aws-lambda-powertools/metrics';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { hasCode, isTenantId, ownMember } from '../definitions/index.ts';
import type { Outbox } from '../outbox/index.ts';
import { describeViolations, violationsOf } from '../shared/schema-issues.ts';
import { memberOf, thrownText } from '../shared/thrown.ts';
import { type Clock, type EpochMs, toTimestamp } from '../shared/time.ts';
import type { DeliveryMeta, Publication, WebhookDefinition, WebhookEvent } from './define-webhook.ts';
import { recordDelivery } from './delivery-record.ts';
import { UndeclaredEventError } from './errors.ts';
import { isForm, isJson } from './media-type.ts';
import { parseBody } from './parse-body.ts';
import { REFUSALS, Refused, type UnavailableReason } from './refusal.ts';
import { readRequest, type WebhookRequest } from './request.ts';
import type { Claim, WebhookBody } from './scheme.ts';
import { isSigned } from './signature.ts';
import { createWebhookTelemetry, type DeliveryFields } from './telemetry.ts';
import type { WebhookSecrets } from './webhook-secrets.ts';

export interface WebhookReceiverOptions {
  readonly webhook: WebhookDefinition;
  readonly secrets: WebhookSecrets;
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** The table of deliveries. */
  readonly tableName: string;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly metrics: Pick<Metrics, 'addMetric' | 'singleMetric'>;
}

/** Answers a request of API Gateway in payload format 2.0. */
export type WebhookReceiver = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;

type Answer = APIGatewayProxyStructuredResultV2;

const LONGEST_ID = 255;

/** Seconds in which an outage of DynamoDB or Secrets Manager has usually ended. */
const RETRY_AFTER_SECONDS = 30;

/** What was sent makes no event that the definition allows: another attempt would fail again. */
const MISFITS = ['EVENT_DATA_INVALID', 'EVENT_PLACE_INVALID', 'EVENT_ENVELOPE_INVALID'];

/** The request cannot be answered now. */
class Unavailable {
  readonly reason: UnavailableReason;
  readonly error: unknown;

  constructor(reason: UnavailableReason, error: unknown) {
    this.reason = reason;
    this.error = error;
  }
}

/**
 * Creates what receives a webhook. The order of work: size, secret of the path's tenant, signature over the bytes,
 * freshness, parsing, then one transaction with the record of the delivery and its events, then 204. What fails before the
 * transaction writes nothing; if the transaction fails, the answer is 503 with `Retry-After`.
 */
export function createWebhookReceiver(options: WebhookReceiverOptions): WebhookReceiver {
  const { webhook, clock } = options;
  const telemetry = createWebhookTelemetry({ ...options, webhookName: webhook.name });

  const receive = async (request: WebhookRequest, tenantId: string | undefined): Promise<Answer | Refused> => {
    const now = clock.now();
    const claim = await verify(request, tenantId, now, options);
    if (claim instanceof Refused) return claim;
    const body = parseBody(request);
    if (body instanceof Refused) return body;
    const challenge = webhook.scheme.challengeOf?.(body);
    if (challenge !== undefined) {
      telemetry.handshake(tenantId);
      return { statusCode: 200, headers: { ...HEADERS, 'content-type': 'text/plain' }, body: challenge };
    }
    const type = webhook.scheme.typeOf(request, body);
    if (type instanceof Refused) return type;
    const event = type === undefined ? undefined : ownMember(webhook.events, type);
    if (type === undefined || event === undefined) {
      if (webhook.unknown === 'refuse') return new Refused('type-unknown');
      telemetry.typeUnknown(tenantId);
      return NO_CONTENT;
    }
    const deliveryId = readId(request, body, webhook);
    if (deliveryId instanceof Refused) return deliveryId;
    const parsed = await event.schema['~standard'].validate(body);
    if (parsed.issues !== undefined) {
      return new Refused('schema-misfit', describeViolations(violationsOf(parsed.issues, body)));
    }
    const delivery: DeliveryFields = { tenantId, deliveryId, type };
    const sentAt = claim.timestamp === undefined ? undefined : toTimestamp((claim.timestamp * 1000) as EpochMs);
    const publications = translate(event, parsed.value, { ...delivery, receivedAt: toTimestamp(now), sentAt });
    return commit(delivery, publications, claim, now);
  };

  const commit = async (
    delivery: DeliveryFields,
    publications: readonly Publication[],
    { material }: Claim,
    receivedAt: EpochMs,
  ): Promise<Answer | Refused> => {
    const { tenantId, deliveryId: id, type } = delivery;
    const { isIdSigned } = webhook.scheme;
    try {
      const { events } = await options.outbox.transact(
        (tx) => {
          recordDelivery(tx, options.tableName, { tenantId, id, type, material, isIdSigned, receivedAt });
          for (const { definition, data } of publications) tx.publish(definition, data);
        },
        tenantId === undefined ? {} : { tenantId },
      );
      telemetry.accepted(delivery, events);
    } catch (error) {
      if (hasCode(error, 'OUTBOX_LIMIT_EXCEEDED')) return new Refused('event-too-large', error.message);
      if (MISFITS.some((code) => hasCode(error, code))) return new Refused('event-misfit', thrownText(error));
      if (!hasCode(error, 'WEBHOOK_DELIVERY_DUPLICATE')) throw new Unavailable('commit-failed', error);
      telemetry.duplicate(delivery);
    }
    return NO_CONTENT;
  };

  return async (event) => {
    const request = readRequest(event);
    const tenantId = webhook.hasTenants && isTenantId(request.tenant) ? request.tenant : undefined;
    try {
      const answer = admit(request, webhook) ?? (await receive(request, tenantId));
      if (!(answer instanceof Refused)) return answer;
      telemetry.refused(answer, tenantId);
      return { statusCode: REFUSALS[answer.reason], headers: HEADERS };
    } catch (thrown) {
      const { reason, error } = thrown instanceof Unavailable ? thrown : new Unavailable('translation-failed', thrown);
      telemetry.unavailable(reason, tenantId, error);
      return { statusCode: 503, headers: { ...HEADERS, 'retry-after': String(retryAfterOf(error)) } };
    }
  };
}

const HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

const NO_CONTENT: Answer = { statusCode: 204, headers: HEADERS };

/** What can be told without the secret. */
function admit({ method, headers, body }: WebhookRequest, webhook: WebhookDefinition): Refused | undefined {
  if (webhook.retired) return new Refused('retired');
  if (method !== 'POST') return new Refused('method-not-allowed');
  if (body.length > webhook.maxBytes) {
    return new Refused('too-large', `${body.length} bytes, of ${webhook.maxBytes} at most`);
  }
  if (headers.has('content-encoding')) return new Refused('encoded');
  const contentType = headers.get('content-type');
  const fits = isJson(contentType) || (webhook.scheme.bodies === 'form' && isForm(contentType));
  return fits ? undefined : new Refused('media-type', `this scheme takes ${webhook.scheme.bodies}`);
}

/** Signature, then freshness. @throws Unavailable if the secret cannot be used */
async function verify(
  request: WebhookRequest,
  tenantId: string | undefined,
  now: EpochMs,
  { webhook, secrets }: WebhookReceiverOptions,
): Promise<Claim | Refused> {
  const { scheme, hasTenants, toleranceSeconds } = webhook;
  if (hasTenants && tenantId === undefined) return new Refused('tenant-unknown', 'not a tenant id');
  const claim = scheme.claimOf(request);
  if (claim instanceof Refused) return claim;
  const verdict = await secrets
    .verify(tenantId, (texts) => isSigned(claim, texts, scheme))
    .catch((error) => {
      const isUnusable = hasCode(error, 'WEBHOOK_SECRET_UNUSABLE');
      throw new Unavailable(isUnusable ? 'secret-unusable' : 'secret-unreadable', error);
    });
  if (verdict === 'no-secret') {
    // without tenants, the deployment lacks its only secret
    if (!hasTenants)
      throw new Unavailable('secret-unreadable', new Error('the secret does not exist, or has no value'));
    return new Refused('tenant-unknown', 'no secret');
  }
  if (verdict === 'mismatch') return new Refused('signature-mismatch');
  if (claim.timestamp === undefined) return claim;
  const ageSeconds = now / 1000 - claim.timestamp;
  if (Math.abs(ageSeconds) <= toleranceSeconds) return claim;
  return new Refused(ageSeconds > 0 ? 'too-old' : 'too-far-ahead', `${Math.round(Math.abs(ageSeconds))} seconds`);
}

function readId(request: WebhookRequest, body: WebhookBody, { scheme }: WebhookDefinition): string | Refused {
  const id = scheme.idOf(request, body) ?? '';
  if (id === '') return new Refused('id-missing');
  if (id.length > LONGEST_ID) return new Refused('id-malformed', `${id.length} characters, of ${LONGEST_ID} at most`);
  return !scheme.idsHaveDots && id.includes('.') ? new Refused('id-malformed', 'it has a dot') : id;
}

/** @throws UndeclaredEventError `WEBHOOK_EVENT_UNDECLARED` */
function translate(event: WebhookEvent, body: unknown, meta: DeliveryMeta): readonly Publication[] {
  const translated = event.translate(body, meta);
  const publications: readonly Publication[] = 'definition' in translated ? [translated] : translated;
  for (const { definition } of publications) {
    if (event.publishes.includes(definition)) continue;
    throw new UndeclaredEventError(
      meta.type,
      definition.type,
      event.publishes.map(({ type }) => type),
    );
  }
  return publications;
}

function retryAfterOf(error: unknown): number {
  const seconds = memberOf(error, 'retryAfterSeconds');
  return typeof seconds === 'number' ? Math.ceil(seconds) : RETRY_AFTER_SECONDS;
}

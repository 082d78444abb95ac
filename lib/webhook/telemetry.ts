import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { type CloudEvent, METRIC } from '../definitions/index.ts';
import { loggable } from '../shared/thrown.ts';
import type { Refused, UnavailableReason } from './refusal.ts';

interface WebhookTelemetryDeps {
  readonly webhookName: string;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly metrics: Pick<Metrics, 'addMetric' | 'singleMetric'>;
}

/** Of a verified delivery. */
export interface DeliveryFields {
  readonly tenantId: string | undefined;
  readonly deliveryId: string;
  readonly type: string;
}

/** Log lines and metrics of a webhook. They say why, which answers do not; they contain no values of requests. */
export interface WebhookTelemetry {
  accepted(delivery: DeliveryFields, events: readonly CloudEvent[]): void;
  duplicate(delivery: DeliveryFields): void;
  /** The definition does not have the type. */
  typeUnknown(tenantId: string | undefined): void;
  handshake(tenantId: string | undefined): void;
  refused(refused: Refused, tenantId: string | undefined): void;
  unavailable(reason: UnavailableReason, tenantId: string | undefined, error: unknown): void;
}

export function createWebhookTelemetry({ webhookName, logger, metrics }: WebhookTelemetryDeps): WebhookTelemetry {
  const count = (metric: string) => void metrics.addMetric(metric, MetricUnit.Count, 1);
  /** Beside the count of all, which alarms read. */
  const countReason = (metric: string, reason: string) => {
    count(metric);
    metrics.singleMetric().addDimension('reason', reason).addMetric(metric, MetricUnit.Count, 1);
  };
  const fields = ({ tenantId, deliveryId, type }: DeliveryFields) => ({
    webhook: webhookName,
    tenant_id: tenantId,
    delivery_id: deliveryId,
    delivery_type: type,
  });

  return {
    accepted(delivery, events) {
      count(METRIC.webhooksAccepted);
      logger.info('webhook accepted', { ...fields(delivery), event_ids: events.map(({ id }) => id) });
    },
    duplicate(delivery) {
      count(METRIC.webhookDuplicates);
      logger.info('webhook skipped: the delivery was received before', fields(delivery));
    },
    typeUnknown(tenantId) {
      count(METRIC.webhookTypesUnknown);
      logger.info('webhook accepted without effect: its type is not in the definition', {
        webhook: webhookName,
        tenant_id: tenantId,
      });
    },
    handshake: (tenantId) => logger.info('webhook handshake answered', { webhook: webhookName, tenant_id: tenantId }),
    refused({ reason, detail }, tenantId) {
      countReason(METRIC.webhooksRefused, reason);
      logger.warn('webhook refused', { webhook: webhookName, tenant_id: tenantId, reason, detail });
    },
    unavailable(reason, tenantId, error) {
      if (reason === 'secret-unreadable' || reason === 'secret-unusable') count(METRIC.webhookSecretsUnreadable);
      countReason(METRIC.webhooksUnavailable, reason);
      logger.error('webhook answered with 503: the sender tries again', {
        webhook: webhookName,
        tenant_id: tenantId,
        reason,
        error: loggable(error),
      });
    },
  };
}

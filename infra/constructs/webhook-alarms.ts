import type { Construct } from 'constructs';
import { METRIC } from '../../lib/definitions/index.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { addAlarms, PERIOD, REPEATEDLY } from './alarms.ts';
import { serviceMetric } from './service-metric.ts';

export interface WebhookAlarmsProps {
  readonly settings: EnvironmentSettings;
  readonly name: string;
}

/** Beside the alarms of its function. */
export function addWebhookAlarms(scope: Construct, { settings, name }: WebhookAlarmsProps): void {
  const metric = (metricName: string) => serviceMetric(settings, name, metricName, 'Sum', PERIOD);
  addAlarms(scope, settings, {
    Refused: {
      metric: metric(METRIC.webhooksRefused),
      ...REPEATEDLY,
      means: `The webhook '${name}' refuses requests, in 3 of the last 30 minutes at least: they are forged, or the sender and the definition differ.`,
      action: `The metric's dimension 'reason' and the log lines 'webhook refused' say why; docs/webhooks.md lists the reasons. After a rotation, compare the secret with the sender's.`,
    },
    SecretUnreadable: {
      metric: metric(METRIC.webhookSecretsUnreadable),
      means: `The webhook '${name}' could not read or use its secret, and answers 503: senders try again for a limited time.`,
      action: `The log line 'webhook answered with 503' has the error: check that the secret exists, is JSON such as {"current":"…"}, and that the function may read and decrypt it.`,
    },
    Unavailable: {
      metric: metric(METRIC.webhooksUnavailable),
      ...REPEATEDLY,
      means: `The webhook '${name}' answers 503, in 3 of the last 30 minutes at least: senders try again for a limited time.`,
      action: `The log line 'webhook answered with 503' has the reason and the error. For 'translation-failed', mend the definition and deploy it while senders still try.`,
    },
  });
}

import type { Duration } from 'aws-cdk-lib';
import type { IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Construct } from 'constructs';
import { METRIC } from '../../lib/definitions/index.ts';
import type { EnvironmentSettings } from '../settings.ts';
import { addAlarms, PERIOD, REPEATEDLY } from './alarms.ts';
import { serviceMetric } from './service-metric.ts';

export interface HttpEdgeAlarmsProps {
  readonly settings: EnvironmentSettings;
  readonly api: IHttpApi;
  readonly name: string;
  readonly maxLatency: Duration;
}

/** Slow minutes of a quarter of an hour that raise the alarm. */
const SLOW = { evaluationPeriods: 15, datapointsToAlarm: 5 } as const;

export function addHttpEdgeAlarms(scope: Construct, { settings, api, name, maxLatency }: HttpEdgeAlarmsProps): void {
  addAlarms(scope, settings, {
    ServerErrors: {
      metric: api.metricServerError({ period: PERIOD, statistic: 'Sum' }),
      ...REPEATEDLY,
      means: `The API '${name}' answers 5xx again and again: in 3 of the last 30 minutes at least.`,
      action: "Look for 'a request failed' in the function's log; without such a line, read the access log.",
    },
    Latency: {
      metric: api.metricLatency({ period: PERIOD, statistic: 'p95' }),
      threshold: maxLatency.toMilliseconds(),
      ...SLOW,
      means: `The API '${name}' is slow: 5 % of its requests took longer than ${maxLatency.toMilliseconds()} ms in 5 of the last 15 minutes.`,
      action:
        'Compare responseLatency and integrationLatency in the access log; if both are high, give the function more memory or look at what it calls.',
    },
    ClientLimitUnavailable: {
      metric: serviceMetric(settings, name, METRIC.clientLimitUnavailable, 'Sum', PERIOD),
      ...REPEATEDLY,
      means: `The API '${name}' cannot count the requests of its clients, and admits all of them.`,
      action:
        "Read the function's log for 'the limit per client cannot be counted': DynamoDB throttles, or a grant is missing.",
    },
  });
}

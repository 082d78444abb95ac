import { Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { EnvironmentSettings } from '../settings.ts';
import { outOfRange } from './assert-props.ts';
import { removalPolicyOf } from './removal-policy.ts';
import { hasOtherRouteSettings, routeThrottlesOf, stagesOf } from './stage-throttles.ts';
import type { WaybillFunction } from './waybill-function.ts';

export interface WebhookThrottle {
  /** Requests per second in the long run. */
  readonly rateLimit: number;
  /** Requests at once. */
  readonly burstLimit: number;
}

/**
 * Of a region by default.
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const MOST_REQUESTS = 10_000;

/** Neither headers nor addresses: those are signatures or personal data. */
const ACCESS_LOG_FIELDS = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  method: '$context.httpMethod',
  routeKey: '$context.routeKey',
  status: '$context.status',
  responseLatency: '$context.responseLatency',
  integrationStatus: '$context.integrationStatus',
  integrationError: '$context.integrationErrorMessage',
  error: '$context.error.message',
};

export interface WebhookRouteProps {
  readonly api: HttpApi;
  readonly path: string;
  readonly handler: WaybillFunction;
  /** At each stage of the API that exists; without effect if there is none, or somebody else has its route settings. */
  readonly throttle: WebhookThrottle;
}

/** What is wrong with the API and the throttle of an endpoint. */
export function routeProblems(
  api: HttpApi | undefined,
  throttle: WebhookThrottle | undefined,
): readonly (string | undefined)[] {
  const stages = api === undefined ? [] : stagesOf(api);
  return [
    outOfRange('throttle.rateLimit', throttle?.rateLimit, { min: 1, max: MOST_REQUESTS, unit: 'requests per second' }),
    outOfRange('throttle.burstLimit', throttle?.burstLimit, { min: 1, max: MOST_REQUESTS, unit: 'requests' }),
    api !== undefined && stages.length === 0 && throttle !== undefined
      ? `throttle must be left out for the API '${api.node.path}', which has no stage yet: create its stage before this endpoint`
      : undefined,
    throttle !== undefined && stages.some(hasOtherRouteSettings)
      ? `throttle must be left out for the API '${api?.node.path}', whose stage has route settings: add the route there`
      : undefined,
  ];
}

/** An API with a default stage that logs requests. */
export const createWebhookApi = (scope: Construct, settings: EnvironmentSettings): HttpApi => {
  const api = new HttpApi(scope, 'Api', {
    description: `Waybill: webhooks of ${scope.node.path}`,
    createDefaultStage: false,
  });
  const accessLog = new LogGroup(scope, 'AccessLog', {
    retention: settings.logRetentionDays,
    removalPolicy: removalPolicyOf(settings),
  });
  new HttpStage(api, 'DefaultStage', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    accessLogSettings: {
      destination: new LogGroupLogDestination(accessLog),
      format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
    },
  });
  return api;
};

/** Adds the route, which everybody may call: the function verifies signatures. */
export function addWebhookRoute(scope: Construct, { api, path, handler, throttle }: WebhookRouteProps): void {
  const routes = api.addRoutes({
    path,
    methods: [HttpMethod.POST],
    integration: new HttpLambdaIntegration(`${scope.node.id}Integration`, handler),
  });
  for (const route of routes) {
    Validations.of(route).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'Senders of webhooks have no identity at AWS: the function verifies the signature of every request.',
    });
  }
  for (const stage of stagesOf(api)) {
    if (hasOtherRouteSettings(stage)) continue;
    stage.node.addDependency(...routes);
    routeThrottlesOf(stage).set(`POST ${path}`, throttle);
  }
}

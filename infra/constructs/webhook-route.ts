import { Lazy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { CfnStage, HttpApi, HttpMethod, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { EnvironmentSettings } from '../settings.ts';
import { outOfRange } from './assert-props.ts';
import { removalPolicyOf } from './removal-policy.ts';
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
  /** Without effect if the API has no default stage. */
  readonly throttle: WebhookThrottle;
}

/** Of the endpoints of a stage, by route key. */
const throttlesOf = new WeakMap<CfnStage, Map<string, WebhookThrottle>>();

/** What is wrong with the API and the throttle of an endpoint. */
export function routeProblems(
  api: HttpApi | undefined,
  throttle: WebhookThrottle | undefined,
): readonly (string | undefined)[] {
  const stage = api === undefined ? undefined : stageOf(api);
  const isForeign = stage?.routeSettings !== undefined && !throttlesOf.has(stage);
  return [
    outOfRange('throttle.rateLimit', throttle?.rateLimit, { min: 1, max: MOST_REQUESTS, unit: 'requests per second' }),
    outOfRange('throttle.burstLimit', throttle?.burstLimit, { min: 1, max: MOST_REQUESTS, unit: 'requests' }),
    api !== undefined && stage === undefined && throttle !== undefined
      ? `throttle must be left out for the API '${api.node.path}', which has no default stage: throttle its own stage`
      : undefined,
    isForeign && throttle !== undefined
      ? `throttle must be left out for the API '${api?.node.path}', whose default stage has route settings: add the route there`
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
  const stage = new HttpStage(api, 'DefaultStage', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    accessLogSettings: {
      destination: new LogGroupLogDestination(accessLog),
      format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
    },
  });
  ownStages.set(api, stage);
  return api;
};

/** Stages of APIs that were created here: `defaultStage` has only the one that an API creates itself. */
const ownStages = new WeakMap<HttpApi, HttpStage>();

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
  const stage = stageOf(api);
  if (stage === undefined || (stage.routeSettings !== undefined && !throttlesOf.has(stage))) return;
  // a stage may name a route in its settings only once the route exists
  stage.node.addDependency(...routes);
  routeThrottles(stage).set(`POST ${path}`, throttle);
}

/** The throttles of a stage's routes, which become its settings at synth. */
function routeThrottles(stage: CfnStage): Map<string, WebhookThrottle> {
  const known = throttlesOf.get(stage);
  if (known !== undefined) return known;
  const throttles = new Map<string, WebhookThrottle>();
  throttlesOf.set(stage, throttles);
  stage.routeSettings = Lazy.any({
    produce: () =>
      Object.fromEntries(
        [...throttles].map(([key, { rateLimit, burstLimit }]) => [
          key,
          { ThrottlingRateLimit: rateLimit, ThrottlingBurstLimit: burstLimit },
        ]),
      ),
  });
  return throttles;
}

function stageOf(api: HttpApi): CfnStage | undefined {
  const stage: unknown = ownStages.get(api) ?? api.defaultStage;
  const child = Construct.isConstruct(stage) ? stage.node.defaultChild : undefined;
  return child instanceof CfnStage ? child : undefined;
}

import { Duration, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnStage,
  CorsHttpMethod,
  HttpApi,
  HttpMethod,
  type HttpRoute,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import {
  clientLimitOf,
  ENV,
  HTTP_REQUESTS_TABLE,
  type Route,
  type RouteThrottle,
} from '../../lib/definitions/index.ts';
import { assertGiven, assertProps } from './assert-props.ts';
import type { IEventHub } from './event-hub-base.ts';
import type { ItemAction } from './grantee.ts';
import { addHttpEdgeAlarms } from './http-edge-alarms.ts';
import {
  EDGE_REQUEST_HEADERS,
  EDGE_RESPONSE_HEADERS,
  edgeProblems,
  type HttpEdgeCors,
  type HttpEdgeProps,
  type ServedApiProps,
  servedApiProblems,
} from './http-edge-props.ts';
import { addOutputs } from './outputs.ts';
import { removalPolicyOf } from './removal-policy.ts';
import { routeThrottlesOf } from './stage-throttles.ts';
import { tableFrom } from './table-from.ts';
import { WaybillFunction } from './waybill-function.ts';

/** Shorter than API Gateway's 30 seconds, and short for who waits. */
const DEFAULT_TIMEOUT = Duration.seconds(10);
const AUTHORIZER_ID = 'Authorizer';
const DEFAULT_MAX_LATENCY = Duration.seconds(1);
const DEFAULT_MAX_AGE = Duration.minutes(10);
const DEFAULT_THROTTLE: RouteThrottle = { rateLimit: 100, burstLimit: 200 };

/** Neither tokens nor addresses nor subjects: those are secrets or personal data. */
const ACCESS_LOG_FIELDS = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  method: '$context.httpMethod',
  routeKey: '$context.routeKey',
  status: '$context.status',
  responseLength: '$context.responseLength',
  responseLatency: '$context.responseLatency',
  integrationLatency: '$context.integrationLatency',
  integrationStatus: '$context.integrationStatus',
  integrationError: '$context.integrationErrorMessage',
  authorizerError: '$context.authorizer.error',
  error: '$context.error.message',
};

/**
 * An HTTP API and the function that serves its routes: identity by access tokens, throttling, access logs, CORS, alarms,
 * and the table of answers under idempotency keys.
 *
 * @example
 * const edge = new HttpEdge(this, 'Orders', {
 *   hub,
 *   api: ordersApi,
 *   entry: 'functions/orders-api/index.ts',
 *   publishes: [OrderPlaced],
 *   issuer: 'https://auth.example.com',
 *   audience: ['shop'],
 * });
 * edge.function.useTable(orders, 'ORDERS_TABLE_NAME', ['GetItem', 'PutItem']);
 *
 * @throws WiringError `WIRING_INVALID` with every problem of the props
 */
export class HttpEdge extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;
  /** Serves the routes of `props.api`. */
  readonly function: WaybillFunction;
  /** Answers under idempotency keys, for 24 hours; and what clients have used. */
  readonly requestsTable: Table;
  private readonly hub: IEventHub;
  private readonly identity: Pick<HttpEdgeProps, 'issuer' | 'audience'>;
  private readonly tenantClaim: string;
  private readonly authorizer: HttpJwtAuthorizer | undefined;
  private readonly throttles: Map<string, RouteThrottle>;

  constructor(scope: Construct, id: string, props: HttpEdgeProps) {
    super(scope, id);
    assertGiven(this, props, 'hub', 'api', 'entry');
    const { hub, issuer, audience = [], tenantClaim = 'tenant', cors, throttle = DEFAULT_THROTTLE } = props;
    assertProps(this, [...servedApiProblems(props, props), ...edgeProblems(this, props)]);
    this.hub = hub;
    this.identity = { ...(issuer === undefined ? {} : { issuer }), audience };
    this.tenantClaim = tenantClaim;
    this.authorizer =
      issuer === undefined
        ? undefined
        : new HttpJwtAuthorizer(AUTHORIZER_ID, typeof issuer === 'string' ? issuer : issuer.api.apiEndpoint, {
            jwtAudience: [...audience],
          });
    this.requestsTable = tableFrom(this, 'Requests', HTTP_REQUESTS_TABLE, hub.settings);
    this.api = new HttpApi(this, 'Api', {
      apiName: this.node.path,
      description: `Waybill: ${props.api.title}`,
      createDefaultStage: false,
      ...(cors === undefined ? {} : { corsPreflight: corsOf(cors) }),
    });
    const { stage, throttles } = this.createStage(throttle);
    this.stage = stage;
    this.throttles = throttles;
    this.function = this.addApi('Function', props);
    addHttpEdgeAlarms(this, {
      settings: hub.settings,
      api: this.api,
      name: props.api.name,
      maxLatency: props.maxLatency ?? DEFAULT_MAX_LATENCY,
    });
    addOutputs(this, props.api.name, {
      ApiUrl: { value: this.api.apiEndpoint, description: `The API '${props.api.name}'` },
    });
  }

  /**
   * Serves another API under the same address, by a function of its own: where one part of the routes needs other rights
   * or other memory.
   * @throws WiringError `WIRING_INVALID` with every problem of the props
   */
  addApi(id: string, props: ServedApiProps): WaybillFunction {
    assertProps(this, servedApiProblems(props, this.identity));
    const { hub } = this;
    const { api, entry, publishes = [], timeout = DEFAULT_TIMEOUT, ...sizing } = props;
    const served = new WaybillFunction(this, id, {
      ...sizing,
      timeout,
      entry,
      serviceName: api.name,
      settings: hub.settings,
      description: `Waybill: serves the API '${api.name}'`,
    });
    served.addEnvironment(ENV.environmentName, hub.environmentName);
    served.addEnvironment(ENV.tenantClaim, this.tenantClaim);
    if (publishes.length > 0) hub.grantPublish(served, publishes);
    else hub.nameOutbox(served);
    const actions = requestActions(api.routes, (route) => clientLimitOf(api, route) !== undefined);
    if (actions.length > 0) served.useTable(this.requestsTable, ENV.httpRequestsTableName, actions);
    else served.addEnvironment(ENV.httpRequestsTableName, this.requestsTable.tableName);
    const integration = new HttpLambdaIntegration(`${id}Integration`, served, { scopePermissionToRoute: false });
    for (const route of api.routes) this.addRoute(route, integration);
    this.createAfterIssuer();
    return served;
  }

  private addRoute({ key, method, path, scopes, throttle }: Route, integration: HttpLambdaIntegration): void {
    const { authorizer } = this;
    const isPublic = scopes === 'public' || authorizer === undefined;
    const routes = this.api.addRoutes({
      path,
      methods: [HttpMethod[method]],
      integration,
      ...(isPublic ? {} : { authorizer, authorizationScopes: [...scopes] }),
    });
    for (const route of routes) {
      if (isPublic) acknowledgePublic(route);
      // a stage may name a route in its settings only once the route exists
      if (throttle !== undefined) this.stage.node.addDependency(route);
    }
    if (throttle !== undefined) this.throttles.set(key, throttle);
  }

  /** API Gateway asks an issuer for its configuration when it creates the authorizer. */
  private createAfterIssuer(): void {
    const { issuer } = this.identity;
    if (issuer === undefined || typeof issuer === 'string') return;
    this.api.node.tryFindChild(AUTHORIZER_ID)?.node.addDependency(issuer);
  }

  private createStage(
    throttle: RouteThrottle,
  ): Pick<HttpEdge, 'stage'> & { readonly throttles: Map<string, RouteThrottle> } {
    const { settings } = this.hub;
    const accessLog = new LogGroup(this, 'AccessLog', {
      retention: settings.logRetentionDays,
      removalPolicy: removalPolicyOf(settings),
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { ...throttle },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG_FIELDS)),
      },
    });
    const { defaultChild } = stage.node;
    if (!(defaultChild instanceof CfnStage)) throw new TypeError(`'${stage.node.path}' has no stage of its own`);
    return { stage, throttles: routeThrottlesOf(defaultChild) };
  }
}

const corsOf = ({
  allowOrigins,
  allowHeaders = [],
  exposeHeaders = [],
  allowCredentials = false,
  maxAge = DEFAULT_MAX_AGE,
}: HttpEdgeCors) => ({
  allowOrigins: [...allowOrigins],
  allowHeaders: [...EDGE_REQUEST_HEADERS, ...allowHeaders],
  exposeHeaders: [...EDGE_RESPONSE_HEADERS, ...exposeHeaders],
  allowMethods: [
    CorsHttpMethod.GET,
    CorsHttpMethod.HEAD,
    CorsHttpMethod.POST,
    CorsHttpMethod.PUT,
    CorsHttpMethod.PATCH,
    CorsHttpMethod.DELETE,
  ],
  allowCredentials,
  maxAge,
});

/** What the code does with the table of requests. */
function requestActions(routes: readonly Route[], isLimited: (route: Route) => boolean): readonly ItemAction[] {
  if (routes.some(({ idempotent }) => idempotent === true)) return ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'];
  return routes.some(isLimited) ? ['UpdateItem'] : [];
}

const acknowledgePublic = (route: HttpRoute): void =>
  void Validations.of(route).acknowledge({
    id: 'AwsSolutions-APIG4',
    reason: "The route's definition says that everybody may call it: scopes 'public'.",
  });

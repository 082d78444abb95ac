import { type Duration, Token } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Construct, IConstruct } from 'constructs';
import {
  type ApiDefinition,
  type EventDefinition,
  problemOfExternalUrl,
  type RouteThrottle,
} from '../../lib/definitions/index.ts';
import { durationOutOfRange } from './assert-props.ts';
import type { IEventHub } from './event-hub-base.ts';
import { placeProblem } from './place-checks.ts';
import { type FunctionSizing, functionProblems } from './waybill-function.ts';

/** An API and the function that serves it. */
export interface ServedApiProps extends FunctionSizing {
  /** Its routes; its code serves the same one. */
  readonly api: ApiDefinition;
  /** The composition root, from the folder of cdk.json: `functions/orders-api/index.ts`. It exports `handler`. */
  readonly entry: string;
  /**
   * The events that its handlers publish; with none, its function has no rights to write the outbox.
   * @default - none
   */
  readonly publishes?: readonly EventDefinition[];
}

export interface HttpEdgeCors {
  /** `https://shop.example.com`; `*` allows every origin, but no credentials. */
  readonly allowOrigins: readonly string[];
  /** Beside those that the edge reads itself, `authorization` and `idempotency-key` among them. @default - none */
  readonly allowHeaders?: readonly string[];
  /** Beside those that the edge writes itself, `etag` and `location` among them. @default - none */
  readonly exposeHeaders?: readonly string[];
  /** Whether pages may send cookies. @default false */
  readonly allowCredentials?: boolean;
  /** How long a browser remembers it: 0 to 86400 seconds. @default 10 minutes */
  readonly maxAge?: Duration;
}

/** An HttpEdge that serves an issuer of access tokens. */
export interface IssuingEdge extends IConstruct {
  readonly api: HttpApi;
}

export interface HttpEdgeProps extends ServedApiProps {
  readonly hub: IEventHub;
  /**
   * Issuer of access tokens, exactly as their `iss` claim has it, with or without a slash at its end. Its keys are found
   * by `/.well-known/openid-configuration`: an issuer of your own, or `https://cognito-idp.<region>.amazonaws.com/<pool>`. An
   * HttpEdge of this app whose API answers there is an issuer, too: its address is the `iss` claim, and it is deployed first.
   * @default - none: every route is public
   */
  readonly issuer?: string | IssuingEdge;
  /** Of which the token's `aud` needs one, or `client_id` if it has no `aud`. @default - none: every route is public */
  readonly audience?: readonly string[];
  /**
   * The token's claim that has the tenant, where the deployment requires tenants: `custom:tenant` of Cognito.
   * @default 'tenant'
   */
  readonly tenantClaim?: string;
  /** What pages of other origins may do. @default - nothing */
  readonly cors?: HttpEdgeCors;
  /** For each route that has no `throttle` of its own, all clients together. @default 100 per second, 200 at once */
  readonly throttle?: RouteThrottle;
  /**
   * Time to answer that 95 % of requests must keep, before an alarm is raised: whole milliseconds from 1 to 29000.
   * @default 1 second
   */
  readonly maxLatency?: Duration;
}

/** API Gateway waits no longer. @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const LONGEST_TIMEOUT_SECONDS = 29;

/** Headers that browsers may send to every edge. */
export const EDGE_REQUEST_HEADERS = [
  'authorization',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-none-match',
  'traceparent',
  'tracestate',
  'x-correlation-id',
];

/** Headers that pages may read from every edge. */
export const EDGE_RESPONSE_HEADERS = ['etag', 'idempotent-replayed', 'location', 'retry-after', 'x-correlation-id'];

/** What is wrong with the props of an API and its function. */
export const servedApiProblems = (
  { api, ...props }: ServedApiProps,
  { issuer, audience = [] }: Pick<HttpEdgeProps, 'issuer' | 'audience'>,
): readonly (string | undefined)[] => {
  const needing = api.routes.filter(({ scopes }) => scopes !== 'public').map(({ key }) => key);
  return [
    ...functionProblems(props),
    durationOutOfRange('timeout', props.timeout, {
      min: 1,
      max: LONGEST_TIMEOUT_SECONDS,
      fix: 'API Gateway waits for 30 seconds at most; start longer work by an event, and answer 202',
    }),
    needing.length > 0 && (issuer === undefined || audience.length === 0)
      ? `issuer and audience must be given, because '${needing.join("', '")}' of API '${api.name}' need scopes`
      : undefined,
  ];
};

/** What is wrong with the props of the edge itself. */
export function edgeProblems(
  scope: Construct,
  { hub, issuer, tenantClaim, cors, throttle, maxLatency }: HttpEdgeProps,
): readonly (string | undefined)[] {
  return [
    typeof issuer !== 'string' || Token.isUnresolved(issuer) ? undefined : urlProblem('issuer', issuer),
    tenantClaim === undefined || /^[\w:.-]{1,64}$/.test(tenantClaim)
      ? undefined
      : `tenantClaim must be the name of a claim, such as 'tenant' or 'custom:tenant', got '${tenantClaim}'`,
    ...corsProblems(cors),
    throttle === undefined || (throttle.rateLimit > 0 && throttle.burstLimit > 0)
      ? undefined
      : `throttle must have a rateLimit and a burstLimit above 0, got ${throttle.rateLimit} and ${throttle.burstLimit}`,
    maxLatency === undefined || (maxLatency.toMilliseconds() >= 1 && maxLatency.toMilliseconds() <= 29_000)
      ? undefined
      : `maxLatency must be from 1 to 29000 milliseconds, got ${maxLatency.toMilliseconds()}`,
    placeProblem('its stack', scope, hub, 'a transaction stays in one region'),
  ];
}

function urlProblem(prop: string, url: string): string | undefined {
  const problem = problemOfExternalUrl(url);
  return problem === undefined ? undefined : `${prop} ${problem}, got '${url}'`;
}

function corsProblems(cors: HttpEdgeCors | undefined): readonly (string | undefined)[] {
  if (cors === undefined) return [];
  const { allowOrigins, allowCredentials = false, maxAge } = cors;
  const wrong = allowOrigins.filter((origin) => origin !== '*' && !Token.isUnresolved(origin) && !isOrigin(origin));
  return [
    allowOrigins.length === 0 ? 'cors.allowOrigins must have at least one origin, got none' : undefined,
    wrong.length > 0
      ? `cors.allowOrigins must be origins such as 'https://shop.example.com', without a path, got '${wrong.join("', '")}'`
      : undefined,
    allowCredentials && allowOrigins.includes('*')
      ? "cors.allowCredentials must be left out with the origin '*': name the origins"
      : undefined,
    durationOutOfRange('cors.maxAge', maxAge, { min: 0, max: 86_400 }),
  ];
}

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;

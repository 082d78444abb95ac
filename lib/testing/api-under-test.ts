import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { ApiDefinition, EventDefinition } from '../definitions/index.ts';
import { type ApiEvent, type ApiHandlers, createApiHandler, type Principal } from '../http/index.ts';
import { addMs } from '../shared/time.ts';
import { HarnessUseError } from './errors.ts';
import { createInMemoryClientUsage, createInMemoryRequestRecords } from './in-memory-request-records.ts';
import { invocationOf } from './invocation.ts';
import { type CommittedEvent, type CommittedWrite, eventsOf } from './outcome.ts';
import { createSilentLogger, createSilentMetrics } from './silent-telemetry.ts';
import { STAGE_TABLES, type Stage } from './stage.ts';

/** A request of a route, behind API Gateway. */
export interface RouteCall {
  /** Of the path, decoded. @default - none */
  readonly params?: Readonly<Record<string, string>>;
  /** A list is a name that is repeated. @default - none */
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  /** Is sent as JSON; a text or bytes as they are. @default - no body */
  readonly body?: unknown;
  /** Lower-case names. @default - content-type application/json with a body */
  readonly headers?: Readonly<Record<string, string>>;
  /** Who has signed in, with the members given; `none` calls without a token. @default - 'user-1' with all scopes of the route */
  readonly principal?: Partial<Principal> | 'none';
}

/** What a request was answered, with all writes and events that were committed meanwhile. */
export interface CallOutcome {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed, if it is JSON; undefined without one. */
  // biome-ignore lint/suspicious/noExplicitAny: a test knows what it asks for
  readonly body: any;
  /** In the order of commits; only writes to the harness's tables. */
  readonly writes: readonly CommittedWrite[];
  /** In the order of publishing. */
  readonly events: readonly CommittedEvent[];
  /** The published events of one definition. */
  eventsOf<Definition extends EventDefinition>(definition: Definition): readonly CommittedEvent<Definition>[];
}

/** An API that a test calls. */
export interface ApiUnderTest<Api extends ApiDefinition = ApiDefinition> {
  readonly api: Api;
  /**
   * Calls a route as API Gateway does once it has verified the token. Events are delivered by `runToEnd`.
   * @throws HarnessUseError `TESTING_MISUSED` if the API has no such route
   */
  call(routeKey: Api['routes'][number]['key'], request?: RouteCall): Promise<CallOutcome>;
}

/** Longer than an answer takes; time passes only when the test moves the clock. */
const INVOCATION_MS = 10_000;

export function createApiUnderTest<Api extends ApiDefinition>(
  api: Api,
  handlers: NoInfer<ApiHandlers<Api>>,
  stage: Stage,
): ApiUnderTest<Api> {
  const { outbox, tables, tenancy, tenants, clock } = stage;
  const requests = { tables, tableName: STAGE_TABLES.requests };
  let tokens = 0;
  const handler = createApiHandler<Api>(api, handlers, {
    outbox,
    tenancy,
    tenants,
    clock,
    requests: createInMemoryRequestRecords(requests),
    usage: createInMemoryClientUsage(requests),
    logger: createSilentLogger(api.name),
    metrics: createSilentMetrics(api.name),
    newToken: () => `${api.name}-${++tokens}`,
    newCorrelationId: () => `${api.name}-call-${tokens}`,
    tenantClaim: 'tenant',
    timeoutSignal: () => new AbortController().signal,
  });

  return {
    api,
    async call(routeKey, request = {}) {
      const route = api.routes.find(({ key }) => key === routeKey);
      if (route === undefined) {
        throw new HarnessUseError(
          `API '${api.name}' has no route '${routeKey}', it has '${api.routes.map(({ key }) => key).join("', '")}'`,
        );
      }
      const scopes = route.scopes === 'public' ? [] : route.scopes;
      let answer: Awaited<ReturnType<typeof handler>> = {};
      const { writes, events } = await stage.perform(async () => {
        answer = await handler(
          requestEvent(routeKey, request, scopes),
          invocationOf(api.name, clock, addMs(clock.now(), INVOCATION_MS)),
        );
      });
      const { statusCode = 0, headers = {}, body = '' } = answer;
      return {
        status: statusCode,
        headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
        body: body === '' ? undefined : JSON.parse(body),
        writes,
        events,
        eventsOf: (definition) => eventsOf(events, definition),
      };
    },
  };
}

/** In payload format 2.0. */
function requestEvent(
  routeKey: string,
  { params = {}, query = {}, body, headers = {}, principal = {} }: RouteCall,
  scopes: readonly string[],
): ApiEvent {
  const [, path = ''] = routeKey.split(' ');
  const rawPath = path.replace(/\{(\w+)\+?\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const pairs = Object.entries(query).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  );
  const claims = principal === 'none' ? undefined : claimsOf(principal, scopes);
  const event = requestOf(routeKey, rawPath, body, headers);
  return {
    ...event,
    rawQueryString: new URLSearchParams(pairs).toString(),
    pathParameters: params,
    requestContext: {
      ...event.requestContext,
      ...(claims === undefined
        ? {}
        : { authorizer: { principalId: '', integrationLatency: 0, jwt: { claims, scopes: [] } } }),
    },
  };
}

const claimsOf = (
  { subject = 'user-1', scopes, tenantId, claims = {} }: Partial<Principal>,
  all: readonly string[],
): Record<string, string> => ({
  sub: subject,
  scope: (scopes ?? all).join(' '),
  ...(tenantId === undefined ? {} : { tenant: tenantId }),
  ...claims,
});

/** A request of API Gateway, payload format 2.0, without query and authorizer. */
export function requestOf(
  routeKey: string,
  rawPath: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): APIGatewayProxyEventV2 {
  const [method = ''] = routeKey.split(' ');
  const bytes = Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? null));
  return {
    version: '2.0',
    routeKey,
    rawPath,
    rawQueryString: '',
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    requestContext: {
      accountId: '111122223333',
      apiId: 'api',
      domainName: 'api.example.com',
      domainPrefix: 'api',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'request',
      routeKey,
      stage: '$default',
      time: '',
      timeEpoch: 0,
    },
    isBase64Encoded: true,
    ...(body === undefined ? {} : { body: bytes.toString('base64') }),
  };
}

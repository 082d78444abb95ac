import type { Logger } from '@aws-lambda-powertools/logger';
import { type Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { type ApiDefinition, clientLimitOf, isRead, METRIC, type Route } from '../definitions/index.ts';
import type { UnitOfWork } from '../outbox/index.ts';
import { inTime } from '../shared/deadline.ts';
import { loggable } from '../shared/thrown.ts';
import { addMs } from '../shared/time.ts';
import type { Tenancy, TenantDirectory } from '../tenancy/index.ts';
import { answerOf, problemAnswer } from './answer.ts';
import { type Call, eventContextOf, openCall } from './call.ts';
import { type ClientLimiter, createClientLimiter } from './client-limiter.ts';
import {
  type Command,
  type CommandDeps,
  fingerprintOf,
  readIdempotencyKey,
  requestIdOf,
  runCommand,
  runOnce,
} from './command.ts';
import { ApiHandlersError } from './errors.ts';
import { isKnownTo, readIfMatch } from './etag.ts';
import type { AnyRouteHandler, AnyRouteRequest, ApiHandlers } from './handlers.ts';
import type { ClientUsage, HttpAnswer } from './ports.ts';
import { type ApiEvent, eventPrincipalOf, type Principal, readPrincipal } from './principal.ts';
import { knownProblem, ProblemError, problem } from './problem.ts';
import { bodyBytesOf, readRequest } from './read-request.ts';
import { refusalOf } from './refusal.ts';

export interface ApiDeps extends CommandDeps {
  readonly usage: ClientUsage;
  readonly tenancy: Tenancy;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly newCorrelationId: () => string;
  /** Name of the claim that has the caller's tenant: `tenant`, `custom:tenant`. */
  readonly tenantClaim: string;
  /** Requests of a tenant that is not active are refused. @default - every tenant is active */
  readonly tenants?: TenantDirectory | undefined;
  /** @default AbortSignal.timeout */
  readonly timeoutSignal?: (delayMs: number) => AbortSignal;
}

export type ApiHandler = (event: ApiEvent, context: Context) => Promise<APIGatewayProxyStructuredResultV2>;

/** Kept from the invocation, to answer and to log. */
const DEADLINE_RESERVE_MS = 500;

/**
 * Creates the Lambda handler of an API for the payload format 2.0.
 * @throws ApiHandlersError `API_HANDLERS_INVALID` if a route has no handler, or a handler has no route
 */
export function createApiHandler<Api extends ApiDefinition>(
  api: Api,
  handlers: NoInfer<ApiHandlers<Api>>,
  deps: ApiDeps,
): ApiHandler {
  const served = joinHandlers<Api>(api, handlers);
  const { logger, metrics } = deps;
  const limiter = createClientLimiter({
    usage: deps.usage,
    clock: deps.clock,
    onUnavailable(error) {
      logger.warn('the limit per client cannot be counted: requests are admitted', { error: loggable(error) });
      metrics.singleMetric().addMetric(METRIC.clientLimitUnavailable, MetricUnit.Count, 1);
    },
  });

  return async (event, context) => {
    const call = openCall(api.name, event, context, deps);
    const { answer, replayed } = await answerCall(api, served, deps, limiter, call);
    call.log.info('request answered', { status: answer.status, replayed });
    return {
      statusCode: answer.status,
      headers: {
        ...answer.headers,
        'x-correlation-id': call.correlationId,
        ...(replayed ? { 'idempotent-replayed': 'true' } : {}),
      },
      body: answer.body,
      isBase64Encoded: false,
    };
  };
}

interface Served {
  readonly route: Route;
  readonly handler: AnyRouteHandler;
}

function joinHandlers<Api extends ApiDefinition>(api: Api, handlers: ApiHandlers<Api>): ReadonlyMap<string, Served> {
  const given = new Map<string, unknown>(Object.entries(handlers));
  const keys = api.routes.map(({ key }) => key);
  const missing = keys.filter((key) => typeof given.get(key) !== 'function');
  const unknown = [...given.keys()].filter((key) => !keys.includes(key));
  if (missing.length + unknown.length > 0) throw new ApiHandlersError(api.name, missing, unknown);
  return new Map(api.routes.map((route) => [route.key, { route, handler: given.get(route.key) as AnyRouteHandler }]));
}

interface CallAnswer {
  readonly answer: HttpAnswer;
  readonly replayed: boolean;
}

/** Never throws. */
async function answerCall(
  api: ApiDefinition,
  served: ReadonlyMap<string, Served>,
  deps: ApiDeps,
  limiter: ClientLimiter,
  call: Call,
): Promise<CallAnswer> {
  const found = served.get(call.event.routeKey);
  try {
    // the routes of API Gateway and the code are deployed one after the other
    if (found === undefined) throw problem('ROUTE_NOT_FOUND');
    const { route } = found;
    const principal = readPrincipal(route, call.event, deps.tenantClaim);
    const tenantId = await tenantOf(principal, deps);
    await assertWithinLimit(api, route, principal, limiter, call);
    const work = () => answerRequest(api, found, principal, tenantId, deps, call);
    return await (route.scopes === 'public' ? work() : deps.tenancy.runAsTenant(tenantId, work));
  } catch (error) {
    return { answer: refusal(error, found?.route, call).answer, replayed: false };
  }
}

/** The tenant that the request works as: from the claim alone. */
async function tenantOf(principal: Principal | undefined, deps: ApiDeps): Promise<string | undefined> {
  const { tenancy, tenants } = deps;
  if (principal === undefined || tenancy.mode === 'none') return undefined;
  const { tenantId } = principal;
  if (tenantId === undefined) throw problem('TENANT_MISSING');
  if (tenants !== undefined && !(await tenants.isActive(tenantId))) throw problem('TENANT_INACTIVE');
  return tenantId;
}

async function assertWithinLimit(
  api: ApiDefinition,
  route: Route,
  principal: Principal | undefined,
  limiter: ClientLimiter,
  { event }: Call,
): Promise<void> {
  const limit = clientLimitOf(api, route);
  if (limit === undefined) return;
  const client =
    principal === undefined ? event.requestContext.http.sourceIp : `${principal.tenantId ?? ''}/${principal.subject}`;
  const counter = route.clientLimit === undefined ? api.name : `${api.name} ${route.key}`;
  const retryAfterSeconds = await limiter.refusalOf(counter, client, limit);
  if (retryAfterSeconds !== undefined) throw problem('RATE_LIMITED', { retryAfterSeconds });
}

/** Validates, then runs the handler. */
async function answerRequest(
  api: ApiDefinition,
  { route, handler }: Served,
  principal: Principal | undefined,
  tenantId: string | undefined,
  deps: ApiDeps,
  call: Call,
): Promise<CallAnswer> {
  const { event, headers, log, context } = call;
  const bytes = bodyBytesOf(event);
  const idempotencyKey = route.idempotent === true ? readIdempotencyKey(headers['idempotency-key']) : undefined;
  const { 'if-match': ifMatch } = headers;
  if (route.ifMatch === 'required' && ifMatch === undefined) throw problem('PRECONDITION_REQUIRED');
  const parts = await readRequest(route, event, headers, bytes);
  const request: AnyRouteRequest = {
    ...parts,
    headers,
    sourceIp: event.requestContext.http.sourceIp,
    principal,
    idempotencyKey,
    ifMatch: ifMatch === undefined ? undefined : readIfMatch(ifMatch),
  };
  const leftMs = context.getRemainingTimeInMillis();
  const { timeoutSignal = AbortSignal.timeout } = deps;
  const signal = timeoutSignal(Math.max(leftMs - DEADLINE_RESERVE_MS, 0));
  const eventContext = eventContextOf(call, eventPrincipalOf(api, principal));
  const run = async (tx: UnitOfWork | undefined): Promise<HttpAnswer> => {
    let answer: HttpAnswer | undefined;
    const tools = {
      tx,
      log,
      signal,
      context: eventContext,
      problem: (code: string, detail?: string) => ownProblem(route, code, detail),
    };
    const work = async () => {
      answer = await answerOf(route, await handler(request, tools));
    };
    await inTime(work(), signal, () => problem('DEADLINE_EXCEEDED', { retryAfterSeconds: 1 }));
    if (answer === undefined) throw new TypeError('a handler has ended without an answer');
    return answer;
  };
  if (isRead(route)) return { answer: notModified(await run(undefined), headers), replayed: false };

  const command: Command = { context: eventContext, log, run, refusalOf: (error) => refusal(error, route, call) };
  if (idempotencyKey === undefined) return runCommand(deps, command);
  return runOnce(deps, command, {
    id: requestIdOf(api.name, route, tenantId, principal?.subject, idempotencyKey),
    fingerprint: fingerprintOf(event.rawPath, event.rawQueryString, bytes),
    // a claim without time could be taken over at once
    heldUntil: addMs(deps.clock.now(), Math.max(leftMs, 1)),
  });
}

/** @throws TypeError for a code that the route does not declare, which the compiler refuses */
function ownProblem(route: Route, code: string, detail: string | undefined): ProblemError {
  const known = knownProblem(code, route.problems ?? {});
  if (known === undefined) throw new TypeError(`route '${route.key}' declares no problem '${code}'`);
  return new ProblemError(code, known, { detail });
}

/** Answers a caller that has the body already. */
function notModified(answer: HttpAnswer, headers: Readonly<Record<string, string>>): HttpAnswer {
  const { etag } = answer.headers;
  if (answer.status !== 200 || etag === undefined || !isKnownTo(headers['if-none-match'], etag)) return answer;
  const { 'content-type': _, ...kept } = answer.headers;
  return { status: 304, headers: kept, body: '' };
}

function refusal(error: unknown, route: Route | undefined, { correlationId, log }: Call) {
  const found = refusalOf(error, route?.problems ?? {});
  if (found.status >= 500) log.error('a request failed', { error: loggable(error), code: found.code });
  else log.info('a request was refused', { code: found.code, errors: found.errors });
  const keep = found.status < 500 && found.status !== 409 && found.status !== 429;
  return { answer: problemAnswer(found, correlationId), keep };
}

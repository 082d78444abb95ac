import type { EngineClock } from '../clock.ts';
import type { RestService, Site, SiteRequest, SiteResponse } from '../endpoint/service.ts';
import type { RunLog } from '../log.ts';
import { type Api, DEFAULT_STAGE, type Integration, type Stage } from './api.ts';
import { allowsOrigin, type CorsSettings, isPreflight, preflightHeaders, responseHeaders } from './cors.ts';
import { createFunctionCaller } from './function-caller.ts';
import { createJwtAuthorizer, type JwtAuthorizerSettings, type VerifiedToken } from './jwt-authorizer.ts';
import { assertIssuer, type FetchJson } from './key-source.ts';
import { createRequestEvent } from './request-event.ts';
import { parseRouteKey } from './route-key.ts';
import { selectRoute } from './select-route.ts';
import { createThrottle, type ThrottleLimits } from './throttle.ts';

export interface HttpApisOptions {
  readonly clock: EngineClock;
  readonly region: string;
  readonly accountId: string;
  readonly log: RunLog;
  readonly newId: () => string;
  readonly endpointUrl: () => string;
  readonly lambda: RestService;
  /** For the keys of token issuers. */
  readonly fetchJson: FetchJson;
}

interface RouteSettings {
  readonly routeKey: string;
  readonly integrationId: string;
  /** @default none: open to everybody */
  readonly authorizerId?: string;
  readonly authorizationScopes: readonly string[];
}

interface StageSettings {
  readonly stageName: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly throttling: ThrottleLimits;
  /** By route key. */
  readonly routeThrottling: Readonly<Record<string, ThrottleLimits>>;
}

/** The HTTP APIs of a run, each at `<endpoint>/_apis/<api id>`. Every method throws RangeError for what does not exist. */
export interface HttpApis {
  readonly site: Site;
  createApi(apiId: string, cors: CorsSettings | undefined): void;
  /** Where the API's default stage answers. */
  urlOf(apiId: string): string;
  updateApi(apiId: string, cors: CorsSettings | undefined): void;
  /** All that belongs to it goes with it. */
  deleteApi(apiId: string): void;
  /** Creates it, or takes the place of the one with that id; so do the others. */
  putIntegration(apiId: string, integrationId: string, integration: Integration): void;
  deleteIntegration(apiId: string, integrationId: string): void;
  /**
   * Asks the issuer for its OpenID configuration first.
   * @throws AwsError BadRequestException where the issuer does not answer; everything stays as it was
   */
  putAuthorizer(apiId: string, authorizerId: string, settings: JwtAuthorizerSettings): Promise<void>;
  deleteAuthorizer(apiId: string, authorizerId: string): void;
  putRoute(apiId: string, routeId: string, route: RouteSettings): void;
  deleteRoute(apiId: string, routeId: string): void;
  putStage(apiId: string, stage: StageSettings): void;
  deleteStage(apiId: string, stageName: string): void;
  /** What the authorizers of all APIs ask of access tokens, by issuer. */
  issuers(): readonly {
    readonly issuer: string;
    readonly audience: readonly string[];
    readonly scopes: readonly string[];
  }[];
}

const PATH_PREFIX = '/_apis/';
/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MOST_PAYLOAD_BYTES = 10 * 1024 * 1024;
/** Of the request line and all headers together. */
const MOST_HEAD_BYTES = 10_240;

export function createHttpApis(options: HttpApisOptions): HttpApis {
  const { clock, accountId, log, newId, endpointUrl, fetchJson } = options;
  const apis = new Map<string, Api>();
  const callFunction = createFunctionCaller(options);

  const find = (apiId: string): Api => {
    const api = apis.get(apiId);
    if (api === undefined) throw new RangeError(`there is no API '${apiId}' in this run`);
    return api;
  };

  const answerRoute = async (api: Api, stage: Stage, request: SiteRequest, path: string): Promise<SiteResponse> => {
    const selected = selectRoute([...api.routes.values()], request.method, path);
    if (selected === undefined) return message(404, 'Not Found');
    const { route, pathParameters } = selected;
    const integration = api.integrations.get(route.integrationId);
    const authorizer = route.authorizerId === undefined ? undefined : api.authorizers.get(route.authorizerId);
    // what a route leads to may be deleted before it
    if (integration === undefined) return message(500, 'Internal Server Error');
    if (!stage.throttleOf(route.key.text)()) return message(429, 'Too Many Requests');
    let token: VerifiedToken | undefined;
    if (route.authorizerId !== undefined) {
      const verdict = await authorizer?.authorize(request, route.scopes);
      if (verdict === undefined) return message(500, 'Internal Server Error');
      if (verdict.kind !== 'allowed') {
        log('info', 'http-api', `${request.method} ${path} is refused: ${verdict.reason}`, { apiId: api.apiId });
        return verdict.kind === 'forbidden' ? message(403, 'Forbidden') : unauthorized(verdict.told);
      }
      token = verdict.token;
    }
    const event = createRequestEvent({
      request,
      accountId,
      apiId: api.apiId,
      stageName: stage.stageName,
      stageVariables: stage.variables,
      routeKey: route.key.text,
      pathParameters,
      requestId: newId(),
      at: clock.now(),
      token,
    });
    const method = route.key.path === undefined ? DEFAULT_STAGE : `${request.method}${route.key.path.text}`;
    const answer = await callFunction(integration, event, `${api.apiId}/${stage.stageName}/${method}`);
    if (answer === 'too-large') return message(413, 'Request Entity Too Large');
    if (answer === 'timed-out') return message(503, 'Service Unavailable');
    return answer === 'failed' ? message(500, 'Internal Server Error') : answer;
  };

  const answerApi = async (api: Api, request: SiteRequest): Promise<SiteResponse> => {
    const { cors } = api;
    if (headBytes(request) > MOST_HEAD_BYTES) return message(431, 'Request Header Fields Too Large');
    if (cors !== undefined && isPreflight(request)) {
      return { statusCode: 204, headers: preflightHeaders(cors, request), body: '' };
    }
    const found = findStage(api, request.rawPath);
    if (found === undefined) return message(404, 'Not Found');
    if (request.body.length > MOST_PAYLOAD_BYTES) return message(413, 'Request Entity Too Large');
    const answer = await answerRoute(api, found.stage, request, found.path);
    if (cors === undefined) return answer;
    // what the API says of origins goes before what the function says
    const headers = answer.headers.filter(([name]) => !name.startsWith('access-control-'));
    return { ...answer, headers: [...headers, ...responseHeaders(cors, request)] };
  };

  return {
    site: {
      pathPrefix: PATH_PREFIX,
      admitsPagesOf(origin, rawPath) {
        const { cors } = apis.get(splitApiId(rawPath).apiId) ?? {};
        return cors !== undefined && allowsOrigin(cors, origin);
      },
      async handle(request) {
        const { apiId, rest } = splitApiId(request.rawPath);
        const api = apis.get(apiId);
        if (api === undefined) return message(404, 'Not Found');
        const answer = await answerApi(api, { ...request, rawPath: rest === '' ? '/' : rest });
        return { ...answer, headers: [...answer.headers, ['apigw-requestid', newId()]] };
      },
    },
    createApi(apiId, cors) {
      const empty = { integrations: new Map(), authorizers: new Map(), routes: new Map(), stages: new Map() };
      apis.set(apiId, { apiId, cors, ...empty });
    },
    urlOf: (apiId) => `${endpointUrl()}${PATH_PREFIX}${find(apiId).apiId}`,
    updateApi: (apiId, cors) => void apis.set(apiId, { ...find(apiId), cors }),
    deleteApi: (apiId) => void apis.delete(find(apiId).apiId),
    putIntegration: (apiId, id, integration) => void find(apiId).integrations.set(id, integration),
    deleteIntegration: (apiId, id) => void find(apiId).integrations.delete(id),
    async putAuthorizer(apiId, id, settings) {
      const { authorizers } = find(apiId);
      const before = authorizers.get(id);
      // at once: a run stands in for the issuers that its authorizers name
      authorizers.set(id, createJwtAuthorizer(settings, { fetchJson, clock }));
      try {
        await assertIssuer(settings.issuer, fetchJson);
      } catch (error) {
        if (before === undefined) authorizers.delete(id);
        else authorizers.set(id, before);
        throw error;
      }
    },
    deleteAuthorizer: (apiId, id) => void find(apiId).authorizers.delete(id),
    putRoute: (apiId, id, settings) => putRoute(find(apiId), id, settings),
    deleteRoute: (apiId, id) => void find(apiId).routes.delete(id),
    deleteStage: (apiId, stageName) => void find(apiId).stages.delete(stageName),
    issuers() {
      const asked = [...apis.values()].flatMap((api) =>
        [...api.authorizers].map(([id, { issuer, audience }]) => ({
          issuer,
          audience,
          scopes: [...api.routes.values()]
            .filter(({ authorizerId }) => authorizerId === id)
            .flatMap(({ scopes }) => scopes),
        })),
      );
      return [...Map.groupBy(asked, ({ issuer }) => issuer)].map(([issuer, own]) => ({
        issuer,
        audience: [...new Set(own.flatMap(({ audience }) => audience))],
        scopes: [...new Set(own.flatMap(({ scopes }) => scopes))].toSorted(),
      }));
    },
    putStage(apiId, { stageName, variables, throttling, routeThrottling }) {
      const shared = createThrottle(clock, throttling);
      const own = new Map(Object.entries(routeThrottling).map(([key, limits]) => [key, createThrottle(clock, limits)]));
      find(apiId).stages.set(stageName, { stageName, variables, throttleOf: (key) => own.get(key) ?? shared });
    },
  };
}

function putRoute(
  api: Api,
  routeId: string,
  { routeKey, integrationId, authorizerId, authorizationScopes }: RouteSettings,
): void {
  const key = parseRouteKey(routeKey);
  if (key === undefined) {
    throw new RangeError(
      `'${routeKey}' is no route key: '$default', or a method (or ANY) and a path such as 'GET /orders/{id}'`,
    );
  }
  if ([...api.routes].some(([otherId, route]) => otherId !== routeId && route.key.text === routeKey)) {
    throw new RangeError(`API '${api.apiId}' has a route '${routeKey}' already`);
  }
  const { integrations, authorizers } = api;
  if (!integrations.has(integrationId))
    throw new RangeError(`API '${api.apiId}' has no integration '${integrationId}'`);
  if (authorizerId !== undefined && !authorizers.has(authorizerId)) {
    throw new RangeError(`API '${api.apiId}' has no authorizer '${authorizerId}'`);
  }
  api.routes.set(routeId, { key, integrationId, authorizerId, scopes: authorizationScopes });
}

function splitApiId(rawPath: string): { readonly apiId: string; readonly rest: string } {
  const [, apiId = '', rest = ''] = /^\/([^/]*)(.*)$/.exec(rawPath) ?? [];
  return { apiId, rest };
}

/** A stage with a name of its own is named first in the path; routes are found by what follows. */
function findStage({ stages }: Api, rawPath: string): { readonly stage: Stage; readonly path: string } | undefined {
  const [, first = '', rest = ''] = /^\/([^/]*)(.*)$/.exec(rawPath) ?? [];
  const named = first === DEFAULT_STAGE ? undefined : stages.get(first);
  if (named !== undefined) return { stage: named, path: rest === '' ? '/' : rest };
  const stage = stages.get(DEFAULT_STAGE);
  return stage === undefined ? undefined : { stage, path: rawPath };
}

const message = (statusCode: number, text: string): SiteResponse => ({
  statusCode,
  headers: [['content-type', 'application/json']],
  body: JSON.stringify({ message: text }),
});

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-jwt.html */
function unauthorized(told: string | undefined): SiteResponse {
  const answer = message(401, 'Unauthorized');
  const challenge = told === undefined ? 'Bearer' : `Bearer scope="" error="invalid_token" error_description="${told}"`;
  return { ...answer, headers: [...answer.headers, ['www-authenticate', challenge]] };
}

/** Bytes of the request line and of all headers, as they are sent. */
const headBytes = ({ method, rawPath, rawQuery, headers }: SiteRequest): number =>
  Buffer.byteLength(`${method} ${rawPath}${rawQuery === '' ? '' : '?'}${rawQuery} HTTP/1.1\r\n`) +
  headers.reduce((sum, [name, value]) => sum + Buffer.byteLength(`${name}: ${value}\r\n`), 0);

import type { SiteRequest } from '../endpoint/service.ts';
import { type Headers, headerOf } from './headers.ts';

/** @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html */
export interface CorsSettings {
  readonly allowOrigins: readonly string[];
  readonly allowMethods: readonly string[];
  readonly allowHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly allowCredentials: boolean;
  readonly maxAgeSeconds: number | undefined;
}

export const isPreflight = ({ method, headers }: SiteRequest): boolean =>
  method === 'OPTIONS' &&
  headerOf(headers, 'origin') !== undefined &&
  headerOf(headers, 'access-control-request-method') !== undefined;

/** Empty for an origin that is not allowed. */
export function preflightHeaders(cors: CorsSettings, request: SiteRequest): Headers {
  const origin = originHeaders(cors, request);
  if (origin.length === 0) return [];
  return [
    ...origin,
    ...listHeader('access-control-allow-methods', cors.allowMethods),
    ...listHeader('access-control-allow-headers', cors.allowHeaders),
    ...(cors.maxAgeSeconds === undefined ? [] : ([['access-control-max-age', String(cors.maxAgeSeconds)]] as const)),
  ];
}

export function responseHeaders(cors: CorsSettings, request: SiteRequest): Headers {
  const origin = originHeaders(cors, request);
  return origin.length === 0 ? [] : [...origin, ...listHeader('access-control-expose-headers', cors.exposeHeaders)];
}

function originHeaders(cors: CorsSettings, { headers }: SiteRequest): Headers {
  const origin = headerOf(headers, 'origin');
  const allowed = origin === undefined ? undefined : allowingPattern(cors, origin);
  if (origin === undefined || allowed === undefined) return [];
  return [
    ['access-control-allow-origin', allowed === '*' ? '*' : origin],
    ...(cors.allowCredentials ? ([['access-control-allow-credentials', 'true']] as const) : []),
  ];
}

export const allowsOrigin = (cors: CorsSettings, origin: string): boolean =>
  allowingPattern(cors, origin) !== undefined;

const allowingPattern = ({ allowOrigins }: CorsSettings, origin: string): string | undefined =>
  allowOrigins.find((pattern) => pattern === '*' || pattern === origin || isSchemeOf(pattern, origin));

/** `https://*` and `http://*` allow every origin of the scheme. */
const isSchemeOf = (pattern: string, origin: string): boolean =>
  (pattern === 'https://*' || pattern === 'http://*') && origin.startsWith(pattern.slice(0, -1));

const listHeader = (name: string, values: readonly string[]): Headers =>
  values.length === 0 ? [] : [[name, values.join(',')]];
